using OpenRouter.Billing.Sandbox;

namespace OpenRouter.Billing.Tests.Api;

public sealed class KeyRotationTests
{
    private static readonly KeyRotationOptions AtOnce = new() { GraceTime = TimeSpan.Zero };

    private readonly ManualTimeProvider _clock = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RotateAsync_NothingFails_CopiesHandsOverDisablesWaitsAndDeletes()
    {
        await using var sandbox = await StartAsync();
        var client = Client(sandbox);
        var workspace = await client.Workspaces.CreateAsync(new WorkspaceDraft { Name = "W", Slug = "w" }, Cancelled);
        var expiry = _clock.GetUtcNow().AddDays(90);
        var old = (await client.Keys.CreateAsync(new KeyDraft { Name = "CI", Limit = 5m, Reset = ResetInterval.Weekly, IncludesByokInLimit = true, WorkspaceId = Guid.Parse(workspace.Id), CreatorUserId = "user_ci", ExpiresAt = expiry }, Cancelled)).Key;
        NewKey? handed = null;
        var oldWorkedAtHandOver = false;
        var told = new List<KeyRotationStep?>();
        var rotation = client.Keys.RotateAsync(
            old.Hash,
            (key, _) =>
            {
                (handed, oldWorkedAtHandOver) = (key, Works(sandbox, old.Hash));
                return ValueTask.CompletedTask;
            },
            new KeyRotationOptions
            {
                GraceTime = TimeSpan.FromMinutes(10),
                OnAdvanced = (state, _) =>
                {
                    told.Add(state.NextStep);
                    return ValueTask.CompletedTask;
                },
            },
            Cancelled);
        await BillingClientKit.UntilAsync(() => rotation.IsCompleted || _clock.PendingWaits.Contains(TimeSpan.FromMinutes(10)), "the grace time");

        Assert.True(oldWorkedAtHandOver);
        Assert.False(rotation.IsCompleted);
        Assert.True(sandbox.Account.Keys.Single(key => key.Hash == old.Hash).Disabled);
        _clock.Advance(TimeSpan.FromMinutes(10));
        var done = await rotation;

        Assert.Null(done.NextStep);
        Assert.Empty(done.LeftToDo);
        Assert.Equal([handed!.Key.Hash], done.WorkingKeys);
        Assert.DoesNotContain(sandbox.Account.Keys, key => key.Hash == old.Hash);
        Assert.Equal([KeyRotationStep.ProveNewKey, KeyRotationStep.HandOver, KeyRotationStep.DisableOldKey, KeyRotationStep.DeleteOldKey, null], told);
        var copy = await client.Keys.GetAsync(handed.Key.Hash, Cancelled);
        Assert.Equal(
            (old.Name, old.Limit, old.Reset, old.IncludesByokInLimit, old.WorkspaceId, old.CreatorUserId, old.ExpiresAt),
            (copy.Name, copy.Limit, copy.Reset, copy.IncludesByokInLimit, copy.WorkspaceId, copy.CreatorUserId, copy.ExpiresAt));
    }

    [Theory]
    [InlineData(KeyRotationStep.CreateNewKey)]
    [InlineData(KeyRotationStep.ProveNewKey)]
    [InlineData(KeyRotationStep.DisableOldKey)]
    [InlineData(KeyRotationStep.DeleteOldKey)]
    public async Task RotateAsync_StepFailsInAnyWay_SaysTrulyWhichKeysWorkAndWhatIsLeft(KeyRotationStep step)
    {
        await using var sandbox = await StartAsync();
        var client = Client(sandbox);
        var stopped = 0;
        foreach (var (name, fault) in SandboxFaultKit.OfWrites)
        {
            var old = (await client.Keys.CreateAsync(new KeyDraft { Name = "CI " + name }, Cancelled)).Key;
            NewKey? handed = null;
            var before = sandbox.Requests.Count(RouteOf(step, old.Hash));
            sandbox.Faults.Add(RouteOf(step, old.Hash), fault(), times: step == KeyRotationStep.ProveNewKey ? null : 1);
            KeyRotation state;
            try
            {
                state = await EndAsync(client.Keys.RotateAsync(old.Hash, (key, _) => { handed = key; return ValueTask.CompletedTask; }, AtOnce, Cancelled));
            }
            catch (KeyRotationException exception)
            {
                state = exception.Rotation;
                stopped++;
                Assert.Equal(step, state.NextStep);
                Assert.Equal(step, state.LeftToDo[0]);
                Assert.DoesNotContain("sk-or-", exception.ToString(), StringComparison.Ordinal);
            }

            sandbox.Faults.Clear();
            Assert.NotEmpty(state.WorkingKeys);
            Assert.All(state.WorkingKeys, hash => Assert.True(Works(sandbox, hash), $"{name}: {hash} is said to work and does not."));
            // What the app was given last must work, or what it had before.
            Assert.True(Works(sandbox, handed?.Key.Hash ?? old.Hash), $"{name}: the app is left without a key.");
            Assert.True(step == KeyRotationStep.ProveNewKey || sandbox.Requests.Count(RouteOf(step, old.Hash)) == before + 1, $"{name}: the write was sent twice.");
            if (state.NextStep >= KeyRotationStep.DisableOldKey)
            {
                // What is left to do can be done.
                await client.Keys.DeleteAsync(old.Hash, Cancelled).ContinueWith(_ => { }, Cancelled, TaskContinuationOptions.None, TaskScheduler.Default);
                Assert.False(Works(sandbox, old.Hash));
                Assert.True(Works(sandbox, handed!.Key.Hash));
            }
        }

        // Where the old key shows as off, a lost answer stops nothing.
        Assert.True(stopped >= (step == KeyRotationStep.DisableOldKey ? 15 : 20), $"Only {stopped} faults stopped a rotation.");
        TestContext.Current.TestOutputHelper?.WriteLine($"{step}: {SandboxFaultKit.OfWrites.Count} faults, {stopped} stopped it.");
    }

    [Fact]
    public async Task RotateAsync_HandOverFails_LeavesBothKeysAndGivesTheNewOne()
    {
        await using var sandbox = await StartAsync();
        var client = Client(sandbox);
        var old = (await client.Keys.CreateAsync(new KeyDraft { Name = "CI" }, Cancelled)).Key;
        var exception = await Assert.ThrowsAsync<KeyRotationException>(() =>
            client.Keys.RotateAsync(old.Hash, (key, _) => throw new InvalidOperationException("vault said no to " + key.RevealSecret()), AtOnce, Cancelled));

        Assert.Equal(KeyRotationStep.HandOver, exception.Rotation.NextStep);
        Assert.False(exception.Rotation.MayBeDone);
        Assert.Equal([old.Hash, exception.Rotation.NewKey!.Key.Hash], exception.Rotation.WorkingKeys);
        Assert.All(exception.Rotation.WorkingKeys, hash => Assert.True(Works(sandbox, hash)));
        Assert.DoesNotContain("sk-or-", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RotateAsync_HandOverTimesOutByItself_IsAFailureAndNoCancellation()
    {
        await using var sandbox = await StartAsync();
        var client = Client(sandbox);
        var old = (await client.Keys.CreateAsync(new KeyDraft { Name = "CI" }, Cancelled)).Key;
        var exception = await Assert.ThrowsAsync<KeyRotationException>(() => client.Keys.RotateAsync(old.Hash, (_, _) => throw new TaskCanceledException(), AtOnce, Cancelled));
        Assert.IsType<TaskCanceledException>(exception.InnerException);
    }

    [Fact]
    public async Task RotateAsync_CancelledInTheGraceTime_LeavesTheNewKeyWorkingAndTheOldOneOff()
    {
        await using var sandbox = await StartAsync();
        var client = Client(sandbox);
        var old = (await client.Keys.CreateAsync(new KeyDraft { Name = "CI" }, Cancelled)).Key;
        KeyRotation? last = null;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var options = new KeyRotationOptions { OnAdvanced = (state, _) => { last = state; return ValueTask.CompletedTask; } };
        var rotation = client.Keys.RotateAsync(old.Hash, (_, _) => ValueTask.CompletedTask, options, stop.Token);
        await BillingClientKit.UntilAsync(() => rotation.IsCompleted || _clock.PendingWaits.Contains(TimeSpan.FromHours(1)), "the grace time");
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => rotation);
        Assert.Equal([KeyRotationStep.DeleteOldKey], last!.LeftToDo);
        Assert.True(Works(sandbox, last.NewKey!.Key.Hash));
        Assert.False(Works(sandbox, old.Hash));
    }

    [Fact]
    public async Task RotateAsync_CancelledInTheHandOver_TouchesTheOldKeyNot()
    {
        await using var sandbox = await StartAsync();
        var client = Client(sandbox);
        var old = (await client.Keys.CreateAsync(new KeyDraft { Name = "CI" }, Cancelled)).Key;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.Keys.RotateAsync(
            old.Hash,
            async (_, _) => await stop.CancelAsync(),
            AtOnce,
            stop.Token));
        Assert.True(Works(sandbox, old.Hash));
    }

    [Fact]
    public async Task RotateAsync_ExpiryNotInUtcOrGraceTimeOutOfRange_ChangesNothing()
    {
        await using var sandbox = await StartAsync();
        var client = Client(sandbox);
        var old = (await client.Keys.CreateAsync(new KeyDraft { Name = "CI" }, Cancelled)).Key;
        var before = sandbox.Account.Keys.Count;
        foreach (var options in new KeyRotationOptions[] { new() { ExpiresAt = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.FromHours(1)) }, new() { GraceTime = TimeSpan.FromTicks(-1) }, new() { GraceTime = TimeSpan.FromDays(31) } })
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(() => client.Keys.RotateAsync(old.Hash, (_, _) => ValueTask.CompletedTask, options, Cancelled));
        }

        Assert.Equal(before, sandbox.Account.Keys.Count);
        Assert.True(Works(sandbox, old.Hash));
    }

    [Theory]
    [InlineData("""{"hash":"#","name":"n","limit":null,"disabled":true}""", "disabled")]
    [InlineData("""{"hash":"#","name":"n","limit":null,"expires_at":"2020-01-01T00:00:00Z"}""", "expired")]
    [InlineData("""{"hash":"#","name":"n"}""", "limit")]
    [InlineData("""{"hash":"#","limit":5}""", "name")]
    [InlineData("""{"hash":"#","name":"n","limit":5,"workspace_id":"ws_1"}""", "workspace")]
    public async Task RotateAsync_KeyThatCannotBeCopied_ChangesNothing(string key, string named)
    {
        var hash = new string('a', 64);
        var handler = new ScriptedHandler(request => request.Method == "GET" ? StubHandler.Json($$"""{"data":{{key.Replace("#", hash, StringComparison.Ordinal)}}}""") : throw new InvalidOperationException("Something was written."));
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => BillingClientKit.Over(handler).Keys.RotateAsync(hash, (_, _) => ValueTask.CompletedTask, AtOnce, Cancelled));
        Assert.Contains(named, exception.Message, StringComparison.Ordinal);
    }

    private static bool Works(OpenRouterSandbox sandbox, string hash) => sandbox.Account.Keys.Any(key => key.Hash == hash && !key.Disabled);

    private static string RouteOf(KeyRotationStep step, string hash) => step switch
    {
        KeyRotationStep.CreateNewKey => "POST /keys",
        KeyRotationStep.ProveNewKey => "GET /key",
        KeyRotationStep.DisableOldKey => "PATCH /keys/" + hash,
        _ => "DELETE /keys/" + hash,
    };

    private Task<OpenRouterSandbox> StartAsync() => OpenRouterSandbox.StartAsync(options => options.TimeProvider = _clock, Cancelled);

    private OpenRouterBillingClient Client(OpenRouterSandbox sandbox) => new(
        new HttpClient(new SocketsHttpHandler()),
        TestData.Options(options => (options.BaseAddress, options.ManagementKey, options.MaxRetries) = (sandbox.BaseAddress, sandbox.ManagementKey, 0)),
        _clock);

    /// <summary>Moves the clock over the pauses between two looks at a new key.</summary>
    private async Task<T> EndAsync<T>(Task<T> task)
    {
        await BillingClientKit.UntilAsync(
            () =>
            {
                if (_clock.PendingWaits.Contains(TimeSpan.FromSeconds(1)))
                {
                    _clock.Advance(TimeSpan.FromSeconds(1));
                }

                return task.IsCompleted;
            },
            "the rotation");
        return await task;
    }
}
