using OpenRouter.Billing.Sandbox;

namespace OpenRouter.Billing.Tests.Api;

public sealed class KeyLockDownTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task LockDownAllAsync_ManyWorkspacesAndPages_DisablesEveryKeyButOne()
    {
        await using var sandbox = await OpenRouterSandbox.StartAsync(cancellationToken: Cancelled);
        var client = Client(sandbox);
        var other = await client.Workspaces.CreateAsync(new WorkspaceDraft { Name = "W", Slug = "w" }, Cancelled);
        var keys = Enumerable.Range(0, 250).Select(i => sandbox.Account.CreateKey(new SandboxKeyOptions { Name = $"k{i}", WorkspaceId = i % 2 == 0 ? other.Id : null })).ToList();
        keys[7].Disabled = true;

        var report = await client.Keys.LockDownAllAsync(keys[3].Hash, Cancelled);

        Assert.True(report.IsComplete);
        // With the sandbox's own key.
        Assert.Equal(250, report.Keys.Count);
        Assert.Equal(keys[7].Hash, Assert.Single(report.Keys, key => key.Outcome == LockDownOutcome.AlreadyDisabled).Hash);
        Assert.Equal([keys[3].Hash], sandbox.Account.Keys.Where(key => !key.Disabled && !key.IsManagementKey).Select(key => key.Hash));
        Assert.DoesNotContain("sk-or-", report.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task LockDownAsync_EveryFault_StopsNothingAndTellsTheTruth()
    {
        await using var sandbox = await OpenRouterSandbox.StartAsync(cancellationToken: Cancelled);
        var keys = SandboxFaultKit.OfWrites.ToDictionary(fault => sandbox.Account.CreateKey(new SandboxKeyOptions { Name = fault.Key }), fault => fault.Value);
        foreach (var (key, fault) in keys)
        {
            sandbox.Faults.Add("PATCH /keys/" + key.Hash, fault());
        }

        var good = sandbox.Account.CreateKey();
        var report = await Client(sandbox).Keys.LockDownAsync([.. keys.Keys.Select(key => key.Hash), good.Hash, new string('0', 64)], Cancelled);

        Assert.Equal(keys.Count + 2, report.Keys.Count);
        Assert.False(report.IsComplete);
        foreach (var entry in report.Keys)
        {
            var key = sandbox.Account.Keys.SingleOrDefault(key => key.Hash == entry.Hash);
            Assert.Equal(entry.Outcome == LockDownOutcome.Failed, entry.Failure is not null);
            Assert.True(entry.Outcome == LockDownOutcome.Failed ? key is not { Disabled: true } : key!.Disabled, $"{key?.Label}: {entry.Outcome}.");
            Assert.True(key is null || sandbox.Requests.Count("PATCH /keys/" + key.Hash) == 1, $"{key?.Label} was written more than once.");
        }

        Assert.True(report.Keys.Count(entry => entry.Outcome == LockDownOutcome.Disabled) > 5);
    }

    [Fact]
    public async Task LockDownAsync_KeyCannotBeReadFirst_IsDisabledAllTheSame()
    {
        await using var sandbox = await OpenRouterSandbox.StartAsync(cancellationToken: Cancelled);
        var key = sandbox.Account.CreateKey();
        sandbox.Faults.Add("GET /keys/" + key.Hash, SandboxFault.Answer(503, "{}"));
        var report = await Client(sandbox, options => options.MaxRetries = 3).Keys.LockDownAsync([key.Hash], Cancelled);
        Assert.True(report.IsComplete);
        Assert.True(key.Disabled);
        Assert.Equal(1, sandbox.Requests.Count("GET /keys/" + key.Hash));
    }

    [Fact]
    public async Task LockDownAllAsync_AWorkspaceCannotBeListed_DisablesTheRestAndSaysSo()
    {
        await using var sandbox = await OpenRouterSandbox.StartAsync(cancellationToken: Cancelled);
        var client = Client(sandbox);
        var other = await client.Workspaces.CreateAsync(new WorkspaceDraft { Name = "W", Slug = "w" }, Cancelled);
        var hidden = sandbox.Account.CreateKey(new SandboxKeyOptions { WorkspaceId = other.Id });
        sandbox.Faults.Add("GET /keys", SandboxFault.Answer(500, "{}"), when: request => request.Query.Contains(other.Id, StringComparison.Ordinal));
        var report = await client.Keys.LockDownAllAsync(null, Cancelled);
        Assert.Single(report.ListFailures);
        Assert.False(report.IsComplete);
        Assert.False(hidden.Disabled);
        Assert.DoesNotContain(sandbox.Account.Keys, key => key is { IsManagementKey: false, Disabled: false } && key != hidden);
    }

    [Fact]
    public async Task LockDownAllAsync_WorkspacesCannotBeListed_StillReachesTheDefaultOne()
    {
        await using var sandbox = await OpenRouterSandbox.StartAsync(cancellationToken: Cancelled);
        sandbox.Faults.Add("GET /workspaces", SandboxFault.Answer(500, "{}"));
        var report = await Client(sandbox).Keys.LockDownAllAsync(null, Cancelled);
        Assert.False(report.IsComplete);
        Assert.All(sandbox.Account.Keys.Where(key => !key.IsManagementKey), key => Assert.True(key.Disabled));
    }

    [Fact]
    public async Task LockDownAsync_KeyInPlaceOfItsHash_IsRefusedWithoutQuotingIt()
    {
        var client = BillingClientKit.Over(new ScriptedHandler(_ => throw new InvalidOperationException("Something was sent.")));
        var exception = await Assert.ThrowsAsync<ArgumentException>(() => client.Keys.LockDownAsync([TestData.ApiKey], Cancelled));
        Assert.DoesNotContain("sk-or-", exception.Message, StringComparison.Ordinal);
    }

    private static OpenRouterBillingClient Client(OpenRouterSandbox sandbox, Action<OpenRouterBillingOptions>? configure = null) => new(
        new HttpClient(new SocketsHttpHandler()),
        TestData.Options(options =>
        {
            (options.BaseAddress, options.ManagementKey, options.MaxRetries) = (sandbox.BaseAddress, sandbox.ManagementKey, 0);
            configure?.Invoke(options);
        }));
}
