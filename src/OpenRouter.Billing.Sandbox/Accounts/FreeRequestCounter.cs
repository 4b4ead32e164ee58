namespace OpenRouter.Billing.Sandbox;

/// <summary>Counts attempts on <c>:free</c> models per UTC day and per UTC minute. Not thread-safe; the account's lock guards it.</summary>
internal sealed class FreeRequestCounter
{
    public const int PerMinute = 20;

    private readonly List<DateTimeOffset> _today = [];
    private DateTimeOffset _day;
    private DateTimeOffset _minute;
    private int _thisMinute;

    /// <summary>Counts one attempt. A refused one counts too, as OpenRouter does, so the numbers can pass their limits.</summary>
    public (int Today, int ThisMinute) Count(DateTimeOffset now)
    {
        Roll(now);
        _today.Add(now);
        _thisMinute++;
        return (_today.Count, _thisMinute);
    }

    public int Used(DateTimeOffset now, TimeSpan lag)
    {
        Roll(now);
        DateTimeOffset until = now - lag;
        return _today.Count(at => at <= until);
    }

    public void Set(int used, DateTimeOffset now)
    {
        Roll(now);
        _today.Clear();
        _today.AddRange(Enumerable.Repeat(_day, used));
    }

    public static DateTimeOffset NextMinute(DateTimeOffset now) => StartOfMinute(now).AddMinutes(1);

    private void Roll(DateTimeOffset now)
    {
        DateTimeOffset day = UtcWindow.StartOfDay(now);
        if (day != _day)
        {
            _day = day;
            _today.Clear();
        }

        DateTimeOffset minute = StartOfMinute(now);
        if (minute != _minute)
        {
            _minute = minute;
            _thisMinute = 0;
        }
    }

    private static DateTimeOffset StartOfMinute(DateTimeOffset now) =>
        new(now.UtcTicks - (now.UtcTicks % TimeSpan.TicksPerMinute), TimeSpan.Zero);
}
