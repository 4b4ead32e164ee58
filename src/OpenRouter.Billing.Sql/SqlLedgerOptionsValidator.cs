using Microsoft.Extensions.Options;

namespace OpenRouter.Billing.Sql;

/// <summary>Holds the options of one account to their rules when the host starts.</summary>
internal sealed class SqlLedgerOptionsValidator(string account, SqlDialect dialect) : IValidateOptions<SqlLedgerOptions>
{
    public string Account => account;

    public ValidateOptionsResult Validate(string? name, SqlLedgerOptions options) =>
        name != account ? ValidateOptionsResult.Skip
        : SqlLedgerOptionsRules.Broken(options, dialect) is { Count: > 0 } broken ? ValidateOptionsResult.Fail(broken)
        : ValidateOptionsResult.Success;
}
