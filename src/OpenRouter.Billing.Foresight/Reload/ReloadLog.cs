using Microsoft.Extensions.Logging;

namespace OpenRouter.Billing.Foresight;

/// <summary>What reloads tell the log.</summary>
internal static partial class ReloadLog
{
    [LoggerMessage(121, LogLevel.Information, "A reload of {Amount} USD ended: {Outcome}.", EventName = "ReloadEnded")]
    public static partial void Ended(ILogger logger, ReloadOutcome outcome, decimal? amount, Exception? fault);

    [LoggerMessage(122, LogLevel.Warning, "Whether it is time to reload could not be found out, or nothing could be bought; the next attempt follows later.", EventName = "ReloadFailed")]
    public static partial void Failed(ILogger logger, Exception fault);
}
