using OpenRouter.Billing.Sandbox;

namespace OpenRouter.Billing.Tests.Api;

/// <summary>A rotation under every fault at every call and callback, and under any second fault after it, against the keys that the server really has.</summary>
public sealed class KeyRotationFaultTests
{
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PauseBetweenLooks = TimeSpan.FromSeconds(1);
    private static readonly WayFault[] Kinds = Enum.GetValues<WayFault>();

    // A refusal by something between that the server knows nothing of is believed where the look at the key fails as well.
    private static readonly WayFault[] Seconds = [WayFault.CutBefore, WayFault.CutAfter, WayFault.Refused, WayFault.BrokenAfter, WayFault.SlowSoonAfter, WayFault.SlowMuchLater, WayFault.CancelledAfter];

    private readonly ManualTimeProvider _clock = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RotateAsync_AnyOneFaultAnywhereAndAnySecondAfterIt_LeavesAWorkingKeyAndSaysTrulyWhich()
    {
        await using var sandbox = await OpenRouterSandbox.StartAsync(cancellationToken: Cancelled);
        var ways = new FaultPlaces(_clock, AttemptTimeout, () => Task.CompletedTask);
        Assert.Equal(5, await CheckAsync(sandbox, ways, []));
        var (runs, done) = (1, 0);
        for (var first = 0; first < 5; first++)
        {
            foreach (var kind in Kinds)
            {
                var calls = await CheckAsync(sandbox, ways, new() { [first] = kind });
                runs++;
                done += calls >= 5 ? 1 : 0;
                for (var second = first + 1; second < calls && kind != WayFault.RefusedAfter; second++)
                {
                    foreach (var other in Seconds)
                    {
                        await CheckAsync(sandbox, ways, new() { [first] = kind, [second] = other });
                        runs++;
                    }
                }
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{runs} rotations, {runs - 1} fault places, {done} went on to the end under one fault.");
        Assert.True(runs > 200, $"Only {runs} rotations.");
    }

    private async Task<int> CheckAsync(OpenRouterSandbox sandbox, FaultPlaces ways, Dictionary<int, WayFault> faults)
    {
        var what = string.Join(", ", faults.Select(fault => $"{fault.Value} at {fault.Key}"));
        var old = sandbox.Account.CreateKey(new SandboxKeyOptions { Name = "CI", Limit = 5m });
        var client = new OpenRouterBillingClient(
            new HttpClient(ways, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan },
            TestData.Options(options => (options.BaseAddress, options.ManagementKey, options.MaxRetries, options.AttemptTimeout) = (sandbox.BaseAddress, sandbox.ManagementKey, 0, AttemptTimeout)),
            _clock);
        var token = ways.Begin(faults);
        NewKey? handed = null;
        KeyRotation? told = null;
        var options = new KeyRotationOptions { GraceTime = TimeSpan.Zero, OnAdvanced = (state, _) => { told = state; return ValueTask.CompletedTask; } };
        Exception? failure = null;
        try
        {
            told = await EndAsync(client.Keys.RotateAsync(old.Hash, (key, _) => { handed = key; return ValueTask.CompletedTask; }, options, token));
        }
        catch (KeyRotationException exception)
        {
            (failure, told) = (exception, exception.Rotation);
        }
        catch (Exception exception) when (exception is OpenRouterBillingException or OperationCanceledException)
        {
            failure = exception;
        }

        // Twice: once the rotation is over, and once what was slow has come.
        for (var look = 0; look < 2; look++)
        {
            Assert.True(Works(sandbox, handed?.Key.Hash ?? old.Hash), $"{what}: the app is left without a key.");
            var said = told?.WorkingKeys ?? [old.Hash];
            Assert.NotEmpty(said);
            Assert.All(said, hash => Assert.True(Works(sandbox, hash), $"{what}: {hash} is said to work and does not ({failure?.Message})."));
            await ways.CatchUpAsync();
        }

        Assert.True(failure is not null || (told!.NextStep is null && !Works(sandbox, old.Hash)), $"{what}: nothing failed and the old key works.");
        Assert.True(failure is not OperationCanceledException || token.IsCancellationRequested, $"{what}: nobody cancelled.");
        Assert.True(ways.Calls.Count(call => call == "POST /keys") <= 1, $"{what}: two keys were asked for.");
        // A copy that nobody was told of has a secret that nobody has, so it spends nothing.
        var spendable = sandbox.Account.Keys.Count(key => !key.Disabled && (key.Hash == old.Hash || key.Hash == told?.NewKey?.Key.Hash));
        Assert.InRange(spendable, 1, 2);
        return ways.Calls.Count;
    }

    private static bool Works(OpenRouterSandbox sandbox, string hash) => sandbox.Account.Keys.Any(key => key.Hash == hash && !key.Disabled);

    /// <summary>Moves the clock over the pauses between two looks at a new key.</summary>
    private async Task<KeyRotation> EndAsync(Task<KeyRotation> rotation)
    {
        await BillingClientKit.UntilAsync(
            () =>
            {
                if (!rotation.IsCompleted && _clock.PendingWaits.Contains(PauseBetweenLooks))
                {
                    _clock.Advance(PauseBetweenLooks);
                }

                return rotation.IsCompleted;
            },
            "the rotation");
        return await rotation;
    }
}
