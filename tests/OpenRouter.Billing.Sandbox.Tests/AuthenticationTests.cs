namespace OpenRouter.Billing.Sandbox.Tests;

public sealed class AuthenticationTests
{
    [Theory]
    [InlineData("GET", "credits")]
    [InlineData("GET", "key")]
    [InlineData("GET", "auth/key")]
    [InlineData("GET", "activity")]
    [InlineData("GET", "generation?id=gen-1")]
    [InlineData("POST", "chat/completions")]
    [InlineData("POST", "completions")]
    [InlineData("POST", "responses")]
    public async Task Request_WithoutKey_Is401WithoutUserId(string method, string path)
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();

        Reply reply = await fixture.SendAsync(new HttpMethod(method), path, null, method == "POST" ? SandboxFixture.Chat() : null);

        Assert.Equal(401, reply.Status);
        Assert.Equal("""{"error":{"message":"Missing Authentication header","code":401}}""", reply.Body);
    }

    [Theory]
    [InlineData("GET", "key")]
    [InlineData("POST", "chat/completions")]
    public async Task Request_WithUnknownKey_Is401UserNotFound(string method, string path)
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();

        Reply reply = await fixture.SendAsync(new HttpMethod(method), path, "sk-or-v1-unknown", method == "POST" ? SandboxFixture.Chat() : null);

        Assert.Equal((401, "User not found."), (reply.Status, reply.Message));
    }

    [Fact]
    public async Task Request_WithDisabledKey_Is401()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        SandboxKey key = fixture.Account.CreateKey();
        key.Disabled = true;

        Reply reply = await fixture.PostAsync(SandboxFixture.Chat(), key.Secret);

        Assert.Equal(401, reply.Status);
        Assert.Empty(fixture.Account.Generations);
    }

    [Fact]
    public async Task Request_WithKeyAtItsExpiry_Is401()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        SandboxKey key = fixture.Account.CreateKey(new SandboxKeyOptions { ExpiresAt = SandboxFixture.Start.AddHours(1) });
        int before = (await fixture.PostAsync(SandboxFixture.Chat(), key.Secret)).Status;
        fixture.Clock.Advance(TimeSpan.FromHours(1));

        Reply reply = await fixture.PostAsync(SandboxFixture.Chat(), key.Secret);

        Assert.Equal((200, 401), (before, reply.Status));
    }

    [Fact]
    public async Task Chat_WithManagementKey_Is403()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();

        Reply reply = await fixture.PostAsync(SandboxFixture.Chat(), fixture.Sandbox.ManagementKey);

        Assert.Equal(403, reply.Status);
        Assert.Empty(fixture.Account.Generations);
    }

    [Theory]
    [InlineData("credits")]
    [InlineData("activity")]
    public async Task Management_WithOrdinaryKey_Is403(string path)
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();

        Reply reply = await fixture.GetAsync(path);

        Assert.Equal((403, "Only management keys can perform this operation"), (reply.Status, reply.Message));
    }

    [Fact]
    public async Task Messages_WithoutKey_HasItsOwnEnvelope()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();

        Reply reply = await fixture.SendAsync(HttpMethod.Post, "messages", null, SandboxFixture.Chat());

        Assert.Equal(401, reply.Status);
        Assert.Equal("error", (string?)reply.Json["type"]);
        Assert.Equal("authentication_error", (string?)reply.Json["error"]!["type"]);
    }

    [Theory]
    [InlineData("GET", "nowhere")]
    [InlineData("DELETE", "credits")]
    [InlineData("GET", "chat/completions")]
    public async Task Request_ForUnknownRoute_Is404InEnvelope(string method, string path)
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();

        Reply reply = await fixture.SendAsync(new HttpMethod(method), path, fixture.Sandbox.ApiKey, null);

        Assert.Equal((404, "Resource not found"), (reply.Status, reply.Message));
    }
}
