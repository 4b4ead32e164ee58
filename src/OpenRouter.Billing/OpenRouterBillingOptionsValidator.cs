using System.Globalization;
using Microsoft.Extensions.Options;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing;

/// <summary>Checks the options as a whole; each message names the option, the value found and the cure.</summary>
internal sealed class OpenRouterBillingOptionsValidator : IValidateOptions<OpenRouterBillingOptions>
{
    /// <summary>The same check for what is built by hand.</summary>
    public static void ThrowIfInvalid(OpenRouterBillingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var validation = new OpenRouterBillingOptionsValidator().Validate(null, options);
        if (validation.Failed)
        {
            throw new ArgumentException(validation.FailureMessage, nameof(options));
        }
    }

    public ValidateOptionsResult Validate(string? name, OpenRouterBillingOptions options)
    {
        var failures = new List<string>();
        CheckKeys(options, failures);
        CheckAddress(options.BaseAddress, failures);
        CheckTimes(options, failures);
        if (options.Guard is null)
        {
            failures.Add("Guard is null: leave it at its default or set its properties.");
        }
        else
        {
            BillingGuardOptionsRules.Check(options.Guard, failures);
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(string.IsNullOrEmpty(name) ? failures : failures.Select(failure => $"Account '{name}': {failure}"));
    }

    private static void CheckKeys(OpenRouterBillingOptions options, List<string> failures)
    {
        if (options.ApiKey is null && options.ManagementKey is null)
        {
            failures.Add("ApiKey and ManagementKey are both unset: set ApiKey to the key that your requests carry, ManagementKey to read the balance, or both.");
        }

        if (options.ApiKey is not null && options.ApiKey == options.ManagementKey)
        {
            failures.Add("ApiKey and ManagementKey are the same key: a management key cannot call models, and an inference key does not dependably read the balance.");
        }

        CheckKey(nameof(options.ApiKey), options.ApiKey, failures);
        CheckKey(nameof(options.ManagementKey), options.ManagementKey, failures);
    }

    private static void CheckKey(string name, string? key, List<string> failures)
    {
        if (key is not null && KeyShape.FindProblem(key) is { } problem)
        {
            failures.Add($"{name} {problem}");
        }
    }

    private static void CheckAddress(Uri? address, List<string> failures)
    {
        if (address is null || !address.IsAbsoluteUri)
        {
            failures.Add($"BaseAddress is '{ServerText.Clean(address?.OriginalString)}', which is not an absolute address: use one such as https://openrouter.ai/api/v1/.");
        }
        else if (address.Scheme != Uri.UriSchemeHttps && address.Scheme != Uri.UriSchemeHttp)
        {
            failures.Add($"BaseAddress is '{ServerText.Clean(address.OriginalString)}', whose scheme is '{address.Scheme}': begin it with https://.");
        }
        else if (address.Scheme != Uri.UriSchemeHttps && !(address.Scheme == Uri.UriSchemeHttp && address.IsLoopback))
        {
            failures.Add($"BaseAddress is '{Shown(address)}', which would send keys unencrypted: use https, or http on a loopback address only.");
        }
        else if (address.UserInfo.Length > 0 || address.Query.Length > 0 || address.Fragment.Length > 0)
        {
            failures.Add($"BaseAddress '{Shown(address)}' carries user information, a query or a fragment: leave only scheme, host, port and path.");
        }
    }

    // User information and queries may be secrets that were pasted into the wrong place.
    private static string Shown(Uri address) => address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    private static void CheckTimes(OpenRouterBillingOptions options, List<string> failures)
    {
        OptionRules.Positive(nameof(options.AttemptTimeout), options.AttemptTimeout, failures);
        OptionRules.Positive(nameof(options.TotalTimeout), options.TotalTimeout, failures);
        OptionRules.Positive(nameof(options.RetryDelay), options.RetryDelay, failures);
        if (options.TotalTimeout < options.AttemptTimeout)
        {
            failures.Add($"TotalTimeout is {options.TotalTimeout:c}, shorter than AttemptTimeout ({options.AttemptTimeout:c}): make it at least as long.");
        }

        if (options.MaxRetries is < 0 or > 10)
        {
            failures.Add(string.Create(CultureInfo.InvariantCulture, $"MaxRetries is {options.MaxRetries}: use 0 (off) to 10."));
        }
    }
}
