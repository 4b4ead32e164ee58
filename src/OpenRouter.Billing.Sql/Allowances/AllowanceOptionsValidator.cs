using Microsoft.Extensions.Options;

namespace OpenRouter.Billing.Sql;

/// <summary>Holds the options of an account to their rules when the host starts.</summary>
internal sealed class AllowanceOptionsValidator : IValidateOptions<AllowanceOptions>
{
    public ValidateOptionsResult Validate(string? name, AllowanceOptions options) =>
        AllowanceOptionsRules.Broken(options) is { Count: > 0 } broken ? ValidateOptionsResult.Fail(broken) : ValidateOptionsResult.Success;
}
