using Microsoft.Extensions.Options;

namespace OpenRouter.Billing.Sql;

/// <summary>Refuses sizes and times that contradict each other.</summary>
internal sealed class AllowanceOptionsValidator : IValidateOptions<AllowanceOptions>
{
    public ValidateOptionsResult Validate(string? name, AllowanceOptions options) =>
        AllowanceOptions.FindProblems(options).ToArray() is { Length: > 0 } problems ? ValidateOptionsResult.Fail(problems) : ValidateOptionsResult.Success;
}
