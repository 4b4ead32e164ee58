using Microsoft.Extensions.Logging;

namespace OpenRouter.Billing.Foresight;

/// <summary>What alerts tell the log. No message holds a key, an address or a secret.</summary>
internal static partial class AlertLog
{
    [LoggerMessage(101, LogLevel.Information, "{Kind}: {Message}", EventName = "AlertInfo")]
    public static partial void Info(ILogger logger, AlertKind kind, string message);

    [LoggerMessage(102, LogLevel.Warning, "{Kind}: {Message}", EventName = "AlertWarning")]
    public static partial void Warning(ILogger logger, AlertKind kind, string message);

    [LoggerMessage(103, LogLevel.Error, "{Kind}: {Message}", EventName = "AlertUrgent")]
    public static partial void Urgent(ILogger logger, AlertKind kind, string message);

    [LoggerMessage(104, LogLevel.Error, "The alert {AlertId} could not be delivered by {Sink}.", EventName = "AlertLost")]
    public static partial void Lost(ILogger logger, string alertId, string sink, Exception fault);

    [LoggerMessage(105, LogLevel.Warning, "The account could not be looked at; the next attempt follows later.", EventName = "AlertCheckFailed")]
    public static partial void CheckFailed(ILogger logger, Exception fault);

    [LoggerMessage(106, LogLevel.Warning, "The alert {AlertId} waits, because too many are being delivered.", EventName = "AlertWaits")]
    public static partial void NoRoom(ILogger logger, string alertId);
}
