namespace OpenRouter.Billing.Sql;

/// <summary>What options must keep to: sizes and times that do not contradict each other.</summary>
internal static class AllowanceOptionsRules
{
    public static List<string> Broken(AllowanceOptions options)
    {
        var failures = new List<string>();
        if (options.MaxAge <= TimeSpan.Zero)
        {
            failures.Add($"MaxAge is {options.MaxAge:c}: use a positive time.");
        }

        // Halved, as there is no twice of the longest time.
        if (options.LeaseDuration / 2 < options.MaxAge)
        {
            failures.Add($"LeaseDuration is {options.LeaseDuration:c}: use at least twice MaxAge, which is {options.MaxAge:c}.");
        }

        if (options.MaxRequests < 1)
        {
            failures.Add($"MaxRequests is {options.MaxRequests}: use 1 or more.");
        }

        return failures;
    }
}
