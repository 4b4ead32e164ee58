namespace OpenRouter.Billing.Foresight;

/// <summary>Counts days without weekends. Holidays are not known here.</summary>
internal static class BusinessDays
{
    public static DateOnly After(DateOnly day, int count)
    {
        for (var left = count; left > 0;)
        {
            day = day.AddDays(1);
            left -= day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? 0 : 1;
        }

        return day;
    }
}
