using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Verdicts;

namespace OpenRouter.Billing.Tests.Guard;

public sealed class BillingScopeTests
{
    [Fact]
    public async Task Begin_Nested_TakesWhatIsNotNamedFromOutside()
    {
        Assert.Equal(new BillingScope(), BillingScope.Current);
        using (BillingScope.Begin(new() { Project = "search", Workspace = "lab" }))
        {
            using (BillingScope.Begin(new() { Project = "chat", Member = "alice" }))
            {
                await Task.Yield();
                Assert.Equal(new BillingScope { Project = "chat", Member = "alice", Workspace = "lab" }, BillingScope.Current);
            }

            Assert.Equal(new BillingScope { Project = "search", Workspace = "lab" }, BillingScope.Current);
        }

        Assert.Equal(new BillingScope(), BillingScope.Current);
    }

    public static TheoryData<BillingScope, BillingScope> Inner() => new()
    {
        { new() { Project = "inner" }, new() { Project = "inner", Member = "b", Workspace = "c" } },
        { new() { Member = "inner" }, new() { Project = "a", Member = "inner", Workspace = "c" } },
        { new() { Workspace = "inner" }, new() { Project = "a", Member = "b", Workspace = "inner" } },
    };

    [Theory]
    [MemberData(nameof(Inner))]
    public void Begin_InsideOfAWholeScope_ReplacesWhatItNames(BillingScope inner, BillingScope expected)
    {
        using (BillingScope.Begin(new() { Project = "a", Member = "b", Workspace = "c" }))
        using (BillingScope.Begin(inner))
        {
            Assert.Equal(expected, BillingScope.Current);
        }
    }

    [Fact]
    public void Begin_NoScope_Throws() => Assert.Throws<ArgumentNullException>("scope", () => BillingScope.Begin(null!));

    [Fact]
    public async Task Begin_InOneFlow_IsNotSeenByAnother()
    {
        using var entered = new SemaphoreSlim(0);
        var other = Task.Run(async () =>
        {
            await entered.WaitAsync(TestContext.Current.CancellationToken);
            return BillingScope.Current.Project;
        }, TestContext.Current.CancellationToken);

        using (BillingScope.Begin(new() { Project = "search" }))
        {
            entered.Release();
            Assert.Null(await other);
        }
    }

    [Fact]
    public void Dispose_Again_EndsNoOtherScope()
    {
        var ended = BillingScope.Begin(new() { Project = "search" });
        ended.Dispose();
        using (BillingScope.Begin(new() { Project = "chat" }))
        {
            ended.Dispose();

            Assert.Equal("chat", BillingScope.Current.Project);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SetBillingScope_OnOneRequest_StandsBeforeTheAmbientOne(bool isSynchronous)
    {
        using var world = new GuardedStub(options =>
        {
            options.Guard.Budgets.Add(new() { Per = Spender.Project, Name = "broke", Limit = 0 });
            options.Guard.Budgets.Add(new() { Per = Spender.Member, Name = "rich", Limit = 5 });
        });
        using var ambient = BillingScope.Begin(new() { Project = "fine", Member = "rich" });
        using var request = GuardedStub.Request().SetBillingScope(new() { Project = "broke" });
        request.RequestUri = new Uri(world.Options.BaseAddress, request.RequestUri!);

        var refusal = isSynchronous
            ? Assert.Throws<BudgetExceededException>(() => world.Http.Send(request, TestContext.Current.CancellationToken))
            : await Assert.ThrowsAsync<BudgetExceededException>(() => world.Http.SendAsync(request, TestContext.Current.CancellationToken));

        Assert.Equal("Daily, Project 'broke'", refusal.Verdict.Limit!.Name);
        Assert.Contains(refusal.Verdict.Limits, limit => limit.Name == "Daily, Member 'rich'");
        Assert.Equal("broke", request.GetBillingScope()?.Project);
        request.SetBillingScope(null);
        Assert.Null(request.GetBillingScope());
    }
}
