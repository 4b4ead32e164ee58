namespace OpenRouter.Billing;

/// <summary>The rules that options share.</summary>
internal static class OptionRules
{
    // Timers of the framework end at about 49 days; nothing here has a reason to wait for one.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(40);

    public static void Positive(string name, TimeSpan value, List<string> failures) =>
        Between(name, value, TimeSpan.FromTicks(1), "a positive time", failures);

    public static void NotNegative(string name, TimeSpan value, List<string> failures) =>
        Between(name, value, TimeSpan.Zero, "zero or a positive time", failures);

    private static void Between(string name, TimeSpan value, TimeSpan least, string wanted, List<string> failures)
    {
        if (value < least || value > Longest)
        {
            failures.Add($"{name} is {value:c}: use {wanted} of at most {Longest.Days} days.");
        }
    }
}
