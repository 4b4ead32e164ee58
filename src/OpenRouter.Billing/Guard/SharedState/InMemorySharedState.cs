namespace OpenRouter.Billing.Guard;

/// <summary>The shared values of one process. They are gone when it ends.</summary>
public sealed class InMemorySharedState : ISharedState
{
    private const int SweepAbove = 1024;
    private const int LongestName = 200;

    private readonly object _gate = new();
    private readonly TimeProvider _timeProvider;
    private readonly Dictionary<string, Kept> _values = new(StringComparer.Ordinal);
    private long _lastVersion;
    private int _sweepAbove = SweepAbove;

    /// <summary>Builds a state without values.</summary>
    /// <param name="timeProvider">The clock; <see langword="null"/> for the system's.</param>
    public InMemorySharedState(TimeProvider? timeProvider = null) => _timeProvider = timeProvider ?? TimeProvider.System;

    /// <inheritdoc/>
    public ValueTask<SharedValue?> ReadAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            return ValueTask.FromResult(Find(name) is { } kept ? new SharedValue(kept.Text, kept.Version, Age(kept)) : null);
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> TryWriteAsync(string name, string text, long expectedVersion, TimeSpan? keepFor = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(name.Length, LongestName, nameof(name));
        ArgumentNullException.ThrowIfNull(text);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if ((Find(name)?.Version ?? 0) != expectedVersion)
            {
                return ValueTask.FromResult(false);
            }

            Sweep();
            // Versions never come twice, so that whoever read a value that was forgotten meanwhile does not write over its successor.
            _values[name] = new Kept(text, ++_lastVersion, _timeProvider.GetTimestamp(), keepFor);
            return ValueTask.FromResult(true);
        }
    }

    private Kept? Find(string name) => _values.TryGetValue(name, out var kept) && !IsOver(kept) ? kept : null;

    private TimeSpan Age(Kept kept) => _timeProvider.GetElapsedTime(kept.WrittenAt);

    private bool IsOver(Kept kept) => kept.KeepFor is { } keepFor && Age(kept) >= keepFor;

    private void Sweep()
    {
        if (_values.Count < _sweepAbove)
        {
            return;
        }

        foreach (var (name, kept) in _values)
        {
            if (IsOver(kept))
            {
                _values.Remove(name);
            }
        }

        _sweepAbove = Math.Max(SweepAbove, 2 * _values.Count);
    }

    private sealed record Kept(string Text, long Version, long WrittenAt, TimeSpan? KeepFor);
}
