namespace OpenRouter.Billing.Sandbox;

/// <summary>What one key, member or workspace has spent: ever, and in the running day, week and month. Not thread-safe; the account's lock guards it.</summary>
internal sealed class SpendMeter
{
    private static readonly string[] Intervals = [UtcWindow.Daily, UtcWindow.Weekly, UtcWindow.Monthly];

    private readonly (DateTimeOffset Start, long Spent)[] _windows = new (DateTimeOffset, long)[Intervals.Length];
    private long _total;

    public void Add(long nanoDollars, DateTimeOffset at)
    {
        _total += nanoDollars;
        for (int i = 0; i < Intervals.Length; i++)
        {
            DateTimeOffset start = UtcWindow.StartOf(Intervals[i], at);
            long before = _windows[i].Start == start ? _windows[i].Spent : 0;
            _windows[i] = (start, before + nanoDollars);
        }
    }

    public long Spent(string? interval, DateTimeOffset now)
    {
        int index = Array.IndexOf(Intervals, interval);
        if (index < 0)
        {
            return _total;
        }

        (DateTimeOffset start, long spent) = _windows[index];
        return start == UtcWindow.StartOf(interval, now) ? spent : 0;
    }
}
