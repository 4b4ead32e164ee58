namespace OpenRouter.Billing.Sandbox;

/// <summary>A believable past for charts and forecasts: the same for the same clock, with weekends, a slow rise and one bad day.</summary>
internal static class ScriptedHistory
{
    private const int BadDay = 9;
    private static readonly decimal[] Shares = [0.5m, 0.25m, 0.15m, 0.1m];

    public static IEnumerable<SandboxActivity> Of(IEnumerable<SandboxModel> models, decimal dailyUsd, int days, DateOnly today)
    {
        SandboxModel[] paid = [.. models.Where(model => model.PromptPrice > 0 && model.CompletionPrice > 0).Take(Shares.Length)];
        for (int ago = days; ago >= 1; ago--)
        {
            DateOnly day = today.AddDays(-ago);
            decimal busy = day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? 0.4m : 1.1m;
            decimal rise = 1m + ((days - ago) * 0.01m);
            decimal usd = dailyUsd * busy * rise * (ago == BadDay ? 2.5m : 1m);
            for (int i = 0; i < paid.Length; i++)
            {
                yield return Row(paid[i], day, decimal.Round(usd * Shares[i], 6));
            }
        }
    }

    /// <summary>Six tenths of the money went into prompts of about 400 tokens each.</summary>
    private static SandboxActivity Row(SandboxModel model, DateOnly day, decimal usd)
    {
        long promptTokens = (long)(usd * 0.6m / model.PromptPrice);
        return new SandboxActivity
        {
            Date = day,
            Model = model.Id,
            Usage = usd,
            Requests = (int)Math.Max(1, promptTokens / 400),
            PromptTokens = promptTokens,
            CompletionTokens = (long)(usd * 0.4m / model.CompletionPrice),
        };
    }
}
