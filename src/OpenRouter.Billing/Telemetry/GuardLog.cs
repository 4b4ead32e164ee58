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
    public static partial void SentUnchecked(ILogger logger, Exception? fault);

    [LoggerMessage(4, LogLevel.Error, "The cost of a request could not be booked; it counts in full once its lease expires.", EventName = "SettlementFailed")]
    public static partial void SettlementFailed(ILogger logger, Exception fault);

    [LoggerMessage(5, LogLevel.Error, "The guard or its ledger failed or took too long; Guard.WhenUnavailable decides about the request.", EventName = "DecisionFailed")]
    public static partial void DecisionFailed(ILogger logger, Exception fault);

    [LoggerMessage(6, LogLevel.Warning, "A guarded client sent an inference request to {Host}, which is not below BaseAddress ({BaseAddress}): such requests are not guarded. Said once.", EventName = "PassedUnguarded")]
    public static partial void PassedUnguarded(ILogger logger, string host, Uri baseAddress);

    [LoggerMessage(7, LogLevel.Warning, "OpenRouter refused a request: {Cause}, opens at {OpensAt}.", EventName = "RequestRefusedByServer")]
    public static partial void RefusedByServer(ILogger logger, BillingCause cause, DateTimeOffset? opensAt);

    [LoggerMessage(8, LogLevel.Warning, "The prices of the models cannot be read: paid requests claim Guard.PaidRequestClaim until they can. Said once.", EventName = "PricesUnavailable")]
    public static partial void PricesUnavailable(ILogger logger, Exception? fault);

    [LoggerMessage(9, LogLevel.Warning, "What an answer cost could not be found out, because {Reason}: it is booked at its full claim.", EventName = "NotReconciled")]
    public static partial void NotReconciled(ILogger logger, string reason, Exception? fault);

    [LoggerMessage(12, LogLevel.Warning, "Would have refused a request, were Guard.Mode Enforce: {Cause}, opens at {OpensAt}.", EventName = "RequestObserved")]
    public static partial void Observed(ILogger logger, BillingCause cause, DateTimeOffset? opensAt);

    [LoggerMessage(13, LogLevel.Warning, "The endpoints of {Model} cannot be read: until they can, its requests claim what its top provider would charge, as with PricingMode.Catalogue. Said once.", EventName = "EndpointsUnavailable")]
    public static partial void EndpointsUnavailable(ILogger logger, string model, Exception? fault);

    [LoggerMessage(14, LogLevel.Warning, "The runaway brake found {Reason}: {Used} of {Allowed} within {Window}. Its action is {Action}.", EventName = "RunawayBraked")]
    public static partial void Braked(ILogger logger, BrakeReason reason, decimal used, decimal allowed, TimeSpan window, BrakeAction action);

    [LoggerMessage(15, LogLevel.Error, "Whoever is to be told of the runaway brake's trips failed.", EventName = "RunawayBrakeCallFailed")]
    public static partial void BrakeCallFailed(ILogger logger, Exception fault);

    [LoggerMessage(16, LogLevel.Error, "An observer of refusals failed; the refusal stands.", EventName = "ObserverFailed")]
    public static partial void ObserverFailed(ILogger logger, Exception fault);

    [LoggerMessage(17, LogLevel.Warning, "What the guards of several processes share cannot be reached: until it can, this one asks OpenRouter for itself. Said once.", EventName = "SharedStateUnavailable")]
    public static partial void SharedStateUnavailable(ILogger logger, Exception fault);
}
