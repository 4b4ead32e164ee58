using Microsoft.Extensions.Logging;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Telemetry;

/// <summary>What the guard tells the log. No message holds a key, a prompt or an answer.</summary>
internal static partial class GuardLog
{
    [LoggerMessage(1, LogLevel.Warning, "Refused a request before sending: {Cause}, opens at {OpensAt}.", EventName = "RequestRefused")]
    public static partial void Refused(ILogger logger, BillingCause cause, DateTimeOffset? opensAt);

    [LoggerMessage(2, LogLevel.Warning, "The account's balance is unknown, because the key in use may not read it: set ManagementKey to have it checked. Every other limit still holds.", EventName = "BalanceUnknown")]
    public static partial void BalanceIsUnknown(ILogger logger);

    [LoggerMessage(3, LogLevel.Warning, "Sent a request although a limit cannot be read just now, as Guard.WhenUnavailable says.", EventName = "SentUnchecked")]
    public static partial void SentUnchecked(ILogger logger, Exception fault);

    [LoggerMessage(4, LogLevel.Error, "The cost of a request could not be booked; it counts in full once its lease expires.", EventName = "SettlementFailed")]
    public static partial void SettlementFailed(ILogger logger, Exception fault);

    [LoggerMessage(5, LogLevel.Error, "The ledger failed or took too long; Guard.WhenUnavailable decides about the request.", EventName = "LedgerFailed")]
    public static partial void LedgerFailed(ILogger logger, Exception fault);

    [LoggerMessage(6, LogLevel.Warning, "The prices of the models cannot be read: paid requests claim Guard.PaidRequestClaim until they can. Said once.", EventName = "PricesUnavailable")]
    public static partial void PricesUnavailable(ILogger logger, Exception? fault);
}
