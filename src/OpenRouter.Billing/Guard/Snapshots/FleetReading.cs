using System.Text.Json;
using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing.Guard;

/// <summary>One figure that all processes which share state ask for as one: one of them asks, and tells the others.</summary>
/// <remarks>
/// Who asks says so first, for as long as a poll may take, and writes the answer over that note. So the answer was written at
/// most one <see cref="PollFor"/> after the question was sent, by the clock of whatever keeps it, however late the writing
/// arrives: a note that is over can't be written over. From that and from how long ago the answer was written follows how old
/// the figure is at most, and this process takes it for that old, by its own clock. Whatever does not work here ends in
/// asking oneself.
/// </remarks>
/// <param name="state">What is shared.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="toPayload">Writes the figure.</param>
/// <param name="fromPayload">Reads the figure; null when it is not there.</param>
/// <param name="keepRefusalFor">How long "may not" holds; null for as long as any other figure.</param>
internal sealed class FleetReading<T>(
    BoundedState state,
    TimeProvider timeProvider,
    Func<T, SharedFigurePayload, SharedFigurePayload> toPayload,
    Func<SharedFigurePayload, T?> fromPayload,
    TimeSpan? keepRefusalFor = null)
    where T : class
{
    private static readonly TimeSpan PollFor = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan KeepFor = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(200);

    // Far more than a key with a hundred budgets needs.
    private const int LongestText = 256 * 1024;

    private static readonly SharedFigurePayload Nobody = new(null);

    private readonly string _self = Guid.NewGuid().ToString("N");
    private ReadingState? _before;
    private (string Name, long Version) _taken;

    /// <summary>Gets the figure from another process, if one was told it lately or is asking now; else asks, and tells the others.</summary>
    /// <param name="name">The figure's name among what is shared.</param>
    /// <param name="ask">Asks.</param>
    /// <param name="freshness">How old the figure may be, and how long it is waited for.</param>
    public async Task<Reading<T>> GetAsync(string name, Func<Task<Reading<T>>> ask, Freshness freshness)
    {
        var (borrowed, poll) = await FindAsync(name, freshness).ConfigureAwait(false);
        var reading = borrowed ?? await (poll is { } version ? AskForAllAsync(name, version, ask) : ask()).ConfigureAwait(false);
        if (reading.State != ReadingState.Unavailable)
        {
            _before = reading.State;
        }

        return reading;
    }

    // A figure, or the version of the note that this process asks, or neither.
    private async Task<(Reading<T>? Borrowed, long? Poll)> FindAsync(string name, Freshness freshness)
    {
        var patience = Shorter(LongestWait, freshness.Timeout / 2);
        var since = timeProvider.GetTimestamp();
        for (var pause = FirstPause; ; pause = Shorter(2 * pause, LongestPause))
        {
            var look = await state.ReadAsync(name).ConfigureAwait(false);
            if (look.IsDown)
            {
                return default;
            }

            var seen = Read(look.Value);
            if (Take(name, look, seen, freshness) is { } borrowed)
            {
                return (borrowed, null);
            }

            var poll = !IsBeingAsked(look.Value, seen) ? await TryPollAsync(name, look.Value?.Version ?? 0).ConfigureAwait(false)
                : seen!.By == _self ? look.Value!.Version
                : null;
            if (poll is not null || timeProvider.GetElapsedTime(since) + pause >= patience)
            {
                return (null, poll);
            }

            await Task.Delay(pause, timeProvider).ConfigureAwait(false);
        }
    }

    private Reading<T>? Take(string name, SharedLook look, SharedFigurePayload? seen, Freshness freshness)
    {
        if (look.Value is not { } kept || seen?.OlderMilliseconds is not { } older || older < 0 || older > KeepFor.TotalMilliseconds
            || kept.Age < TimeSpan.Zero || seen.By == _self || _taken == (name, kept.Version))
        {
            return null;
        }

        var figure = seen.IsRefused == true ? null : fromPayload(seen);
        var longest = seen.IsRefused == true ? keepRefusalFor ?? freshness.FreshFor : freshness.FreshFor;
        var before = look.Took + TimeSpan.FromMilliseconds(older);
        if ((figure is null && seen.IsRefused != true) || kept.Age > longest - before)
        {
            return null;
        }

        // Once: who asks again wants newer ones, and one refusal is not two.
        _taken = (name, kept.Version);
        var askedAt = Instant.Now(timeProvider).Before(kept.Age + before, timeProvider);
        return (figure is null ? Reading<T>.NotPermitted(askedAt) : Reading<T>.Known(figure, askedAt)) with { IsBorrowed = true };
    }

    private async Task<Reading<T>> AskForAllAsync(string name, long poll, Func<Task<Reading<T>>> ask)
    {
        var since = timeProvider.GetTimestamp();
        Reading<T>? told = null;
        try
        {
            var reading = await ask().ConfigureAwait(false);
            // One "may not" after true figures is a fault until it is repeated, and a failure may be this process's alone.
            var isSure = reading.State == ReadingState.Known || (reading.State == ReadingState.NotPermitted && _before != ReadingState.Known);
            told = isSure ? reading : null;
            return reading;
        }
        finally
        {
            // Nobody here waits for it, and it never throws.
            _ = told is null ? state.TryWriteAsync(name, Write(Nobody), poll, PollFor) : TellAsync(name, poll, told, timeProvider.GetElapsedTime(since));
        }
    }

    private async Task TellAsync(string name, long poll, Reading<T> reading, TimeSpan took)
    {
        var older = PollFor;
        if (took > PollFor / 2)
        {
            // The note may be over before the answer is written. A new one bounds how late that can be just as well.
            var look = await state.ReadAsync(name).ConfigureAwait(false);
            var seen = Read(look.Value);
            if (look.IsDown || seen?.OlderMilliseconds is not null || (IsBeingAsked(look.Value, seen) && seen!.By != _self)
                || await TryPollAsync(name, look.Value?.Version ?? 0).ConfigureAwait(false) is not { } anew)
            {
                return;
            }

            (poll, older) = (anew, PollFor + reading.AgeAt(timeProvider.GetTimestamp(), timeProvider));
        }

        var payload = new SharedFigurePayload(_self, (long)Math.Ceiling(older.TotalMilliseconds), reading.Value is null);
        await state.TryWriteAsync(name, Write(reading.Value is { } figure ? toPayload(figure, payload) : payload), poll, reading.Value is null ? keepRefusalFor ?? KeepFor : KeepFor).ConfigureAwait(false);
    }

    // Its version is told by reading it again, which also shows that it is there.
    private async Task<long?> TryPollAsync(string name, long version) =>
        await state.TryWriteAsync(name, Write(new SharedFigurePayload(_self)), version, PollFor).ConfigureAwait(false)
        && (await state.ReadAsync(name).ConfigureAwait(false)).Value is { } written
        && Read(written) is { OlderMilliseconds: null } note && note.By == _self
            ? written.Version
            : null;

    private static bool IsBeingAsked(SharedValue? value, SharedFigurePayload? seen) => seen is { By: not null, OlderMilliseconds: null } && value!.Age < PollFor;

    private static SharedFigurePayload? Read(SharedValue? value)
    {
        try
        {
            return value is null || value.Text.Length > LongestText ? null : JsonSerializer.Deserialize(value.Text, WireContext.Default.SharedFigurePayload);
        }
        catch (JsonException)
        {
            // Nobody's, then: it is written over.
            return null;
        }
    }

    private static string Write(SharedFigurePayload payload) => JsonSerializer.Serialize(payload, WireContext.Default.SharedFigurePayload);

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
