namespace OpenRouter.Billing.Sql.Tests;

/// <summary>Waits for what happens beside a test.</summary>
internal static class Waiting
{
    // Long: a machine that does other work at the same time is slow, and what never happens is to fail and not to hang.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    public static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        while (!await condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), patience.Token);
        }
    }
}
