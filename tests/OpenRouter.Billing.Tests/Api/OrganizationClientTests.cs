using System.Net;
using OpenRouter.Billing.Sandbox;

namespace OpenRouter.Billing.Tests.Api;

public sealed class OrganizationClientTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ListMembersAsync_MoreThanAPage_GivesEachOnce()
    {
        await using var sandbox = await OpenRouterSandbox.StartAsync(cancellationToken: Cancelled);
        var account = sandbox.CreateAccount(organizationId: "org_1", userId: "user_owner");
        var key = account.CreateKey(new SandboxKeyOptions { IsManagementKey = true });
        var client = Client(sandbox, key.Secret);
        foreach (var hundred in Enumerable.Range(0, 230).Select(i => $"user_{i}").Chunk(100))
        {
            await client.Workspaces.Members.AddAsync("default", hundred, Cancelled);
        }

        var members = await ListAsync(client);
        Assert.Equal(231, members.Select(member => member.UserId).Distinct().Count());
        Assert.Equal(["user_owner"], members.Where(member => member.Role == OrganizationRole.Admin).Select(member => member.UserId));
        Assert.Equal(230, members.Count(member => member.Role == OrganizationRole.Member));
        Assert.All(members, member => Assert.Equal(member.UserId + "@example.com", member.Email));
    }

    [Fact]
    public async Task ListMembersAsync_PersonalAccount_IsNotFound()
    {
        await using var sandbox = await OpenRouterSandbox.StartAsync(cancellationToken: Cancelled);
        var exception = await Assert.ThrowsAsync<OpenRouterApiException>(() => ListAsync(Client(sandbox, sandbox.ManagementKey)));
        Assert.Equal(HttpStatusCode.NotFound, exception.StatusCode);
    }

    [Fact]
    public async Task ListMembersAsync_NewRoleAndNoNames_AreKept()
    {
        var handler = new ScriptedHandler(_ => StubHandler.Json("""{"data":[{"id":"user_1","role":"org:treasurer","first_name":null},{"id":"user_2"}],"total_count":2}"""));
        var members = await ListAsync(BillingClientKit.Over(handler));
        Assert.Equal(("org:treasurer", null, null), (members[0].Role.ToString(), members[0].FirstName, members[0].Email));
        Assert.Equal(string.Empty, members[1].Role.ToString());
        Assert.Equal("limit=100&offset=0", handler.Requests.Single().Query);
    }

    private static async Task<List<OrganizationMember>> ListAsync(OpenRouterBillingClient client)
    {
        var members = new List<OrganizationMember>();
        await foreach (var member in client.Organization.ListMembersAsync(Cancelled))
        {
            members.Add(member);
        }

        return members;
    }

    private static OpenRouterBillingClient Client(OpenRouterSandbox sandbox, string managementKey) =>
        new(new HttpClient(new SocketsHttpHandler()), TestData.Options(options => (options.BaseAddress, options.ManagementKey) = (sandbox.BaseAddress, managementKey)));
}
