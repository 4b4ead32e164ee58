using System.Text.Json.Nodes;

namespace OpenRouter.Billing.Sandbox.Tests;

public sealed class CreditsTests
{
    [Fact]
    public async Task Get_WithManagementKey_ReturnsBothTotals()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync(options => options.InitialCredits = 60m);
        fixture.Account.Charge(54.561828163m);

        Reply reply = await fixture.ManageAsync("credits");

        Assert.Equal("""{"data":{"total_credits":60,"total_usage":54.561828163}}""", reply.Body);
    }

    [Theory]
    [InlineData(OrdinaryKeyCredits.RealNumbers, """{"data":{"total_credits":10,"total_usage":2.5}}""")]
    [InlineData(OrdinaryKeyCredits.Zeros, """{"data":{"total_credits":0,"total_usage":0}}""")]
    public async Task Get_WithOrdinaryKey_AnswersAsConfigured(OrdinaryKeyCredits answer, string body)
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync(options => options.CreditsForOrdinaryKeys = answer);
        fixture.Account.Charge(2.5m);

        Reply reply = await fixture.GetAsync("credits");

        Assert.Equal((200, body), (reply.Status, reply.Body));
    }

    [Fact]
    public async Task Get_WithZerosConfigured_StillTellsManagementKey()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync(options => options.CreditsForOrdinaryKeys = OrdinaryKeyCredits.Zeros);

        Reply reply = await fixture.ManageAsync("credits");

        Assert.Equal(10m, Reply.Money(reply.Data["total_credits"]));
    }

    [Fact]
    public async Task PostCredits_BeforeItsTime_DoesNotCount()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        fixture.Account.PostCredits(5m, TimeSpan.FromMinutes(10));
        fixture.Clock.Advance(TimeSpan.FromMinutes(9));
        decimal before = fixture.Account.TotalCredits;
        fixture.Clock.Advance(TimeSpan.FromMinutes(1));

        Reply reply = await fixture.ManageAsync("credits");

        Assert.Equal(10m, before);
        Assert.Equal(15m, Reply.Money(reply.Data["total_credits"]));
    }

    [Fact]
    public async Task LowestBalance_AfterTopUp_RemembersTheOverspend()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        fixture.Account.Charge(10.25m);
        fixture.Account.AddCredits(5m);

        Assert.Equal(-0.25m, fixture.Account.LowestBalance);
        Assert.Equal(4.75m, fixture.Account.Balance);
    }

    [Fact]
    public async Task CreateAccount_Second_KeepsItsMoneyApart()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        SandboxAccount other = fixture.Sandbox.CreateAccount(1m, "user_other", "org_1");
        SandboxKey key = other.CreateKey();

        await fixture.PostAsync(SandboxFixture.Chat(), key.Secret);
        JsonNode data = (await fixture.GetAsync("key", key.Secret)).Data;

        Assert.Equal(10m, fixture.Account.Balance);
        Assert.True(other.Balance < 1m);
        Assert.Throws<ArgumentException>(() => fixture.Account.Charge(1m, key));
        Assert.Equal(("user_other", "org_1"), ((string?)data["creator_user_id"], (string?)data["organization_id"]));
    }
}
