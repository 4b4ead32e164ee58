using System.Globalization;

namespace OpenRouter.Billing.Foresight;

/// <summary>What is right and wrong about <see cref="WebhookSinkOptions"/>. No message shows the address or a secret.</summary>
internal static class WebhookSinkOptionsRules
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    public static void ThrowIfInvalid(WebhookSinkOptions options, bool isSigned)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (FindProblem(options, isSigned) is { } problem)
        {
            throw new ArgumentException(problem, nameof(options));
        }
    }

    private static string? FindProblem(WebhookSinkOptions options, bool isSigned)
    {
        if (options.Address is not { IsAbsoluteUri: true } address || !(address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback)))
        {
            return "Address is not set, or is no https address: use https, or http on a loopback address only.";
        }

        if (isSigned && WebhookSecret.Find(options.Secret) is null)
        {
            return "Secret is not set, or is no secret of the Standard Webhooks convention: use whsec_ and 24 to 64 random bytes in base64.";
        }

        if (isSigned && options.PreviousSecret is not null && WebhookSecret.Find(options.PreviousSecret) is null)
        {
            return "PreviousSecret is no secret of the Standard Webhooks convention: use whsec_ and 24 to 64 random bytes in base64, or leave it unset.";
        }

        if (!isSigned && (options.Secret ?? options.PreviousSecret) is not null)
        {
            return "Secret is set, and Slack takes no signature: leave it unset.";
        }

        return FindProblemOfTimes(options);
    }

    private static string? FindProblemOfTimes(WebhookSinkOptions options)
    {
        if (options.MaxAttempts is < 1 or > 10)
        {
            return string.Create(CultureInfo.InvariantCulture, $"MaxAttempts is {options.MaxAttempts}: use 1 to 10.");
        }

        (string Name, TimeSpan Value)[] times = [(nameof(options.AttemptTimeout), options.AttemptTimeout), (nameof(options.RetryDelay), options.RetryDelay), (nameof(options.TotalTimeout), options.TotalTimeout)];
        foreach (var (name, value) in times)
        {
            if (value <= TimeSpan.Zero || value > Longest)
            {
                return $"{name} is {value:c}: use a positive time of at most {Longest:c}.";
            }
        }

        return null;
    }
}
