using System.Globalization;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Foresight;

/// <summary>Whose turn it is to look at the account: one process per interval, however many share a state.</summary>
internal sealed class PollTurn(ISharedState state, string stateName, TimeProvider timeProvider)
{
    private const int MostDoublings = 4;
    private const int MostIntervals = 12;

    private (long Version, long Since) _seen;

    /// <summary>Takes the turn, if it is due.</summary>
    /// <returns>Zero when it is taken; else after which time to ask again.</returns>
    public async ValueTask<TimeSpan> TryTakeAsync(TimeSpan interval, CancellationToken cancellationToken)
    {
        var last = await state.ReadAsync(stateName, cancellationToken).ConfigureAwait(false);
        var failures = Failures(last);
        if (last is not null && Pause(interval, failures) - last.Age is var wait && wait > TimeSpan.Zero && !IsStale(last, Pause(interval, failures)))
        {
            return wait;
        }

        // Until it is known how the look ends it counts as the last one did.
        return await state.TryWriteAsync(stateName, Text(failures), last?.Version ?? 0, cancellationToken: cancellationToken).ConfigureAwait(false)
            ? TimeSpan.Zero
            : Pause(interval, failures);
    }

    /// <summary>Notes how a look ended, so that all pause for longer after failures.</summary>
    public async ValueTask EndAsync(bool failed, CancellationToken cancellationToken)
    {
        var last = await state.ReadAsync(stateName, cancellationToken).ConfigureAwait(false);
        var failures = failed ? Math.Min(MostDoublings, Failures(last) + 1) : 0;
        if (last is not null && failures != Failures(last))
        {
            // Whoever wrote meanwhile has looked meanwhile, and knows better.
            _ = await state.TryWriteAsync(stateName, Text(failures), last.Version, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
    }

    // The clock of whatever keeps the state may have been set back since, and the look would be recent until it has caught up.
    private bool IsStale(SharedValue last, TimeSpan pause)
    {
        if (_seen.Version != last.Version)
        {
            _seen = (last.Version, timeProvider.GetTimestamp());
        }

        return timeProvider.GetElapsedTime(_seen.Since) >= pause;
    }

    private static TimeSpan Pause(TimeSpan interval, int failures) => interval * Math.Min(MostIntervals, 1 << failures);

    private static int Failures(SharedValue? value) =>
        int.TryParse(value?.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var failures) ? Math.Min(failures, MostDoublings) : 0;

    private static string Text(int failures) => failures.ToString(CultureInfo.InvariantCulture);
}
