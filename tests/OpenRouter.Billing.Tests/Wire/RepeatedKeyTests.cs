using System.Net;
using System.Text.Json;

namespace OpenRouter.Billing.Tests.Wire;

/// <summary>Servers, and proxies between, that say the key which was sent, or a part of it that no pattern tells for a key's.</summary>
public sealed class RepeatedKeyTests
{
    private const string LeftOut = "(left out: it repeats the key that was sent)";
    private const string Key = "sk-or-v1-0a1b2c3d4e5f60718293a4b5c6d7e8f9";

    [Theory]
    [InlineData("0a1b2c3d")]
    [InlineData("no key ends with c6d7e8f9, ask again")]
    [InlineData("0A1B2C3D4E5F60718293")]
    public async Task Refusal_ThatSaysAPartOfTheKey_LeavesItsWordsOut(string said)
    {
        var body = JsonSerializer.Serialize(new { error = new { code = said, message = said, metadata = new { error_type = said, limit_source = said } }, id = said });
        var client = BillingClientKit.Over(new StubHandler().On("GET key", () => StubHandler.Json(body, HttpStatusCode.Forbidden)), options => options.ApiKey = Key);

        var refusal = await Assert.ThrowsAsync<OpenRouterApiException>(() => client.Keys.GetCurrentAsync(TestContext.Current.CancellationToken));

        Assert.All([refusal.ErrorCode, refusal.ErrorType, refusal.LimitSource, refusal.ServerMessage, refusal.GenerationId], text => Assert.Equal(LeftOut, text));
        Assert.DoesNotContain(said, refusal.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Refusal_ThatSaysTheWholeKey_ShowsTheRestOfItsSentence()
    {
        var client = BillingClientKit.Over(
            new StubHandler().On("GET key", () => StubHandler.Json($$$"""{"error":{"code":403,"message":"The key {{{Key}}} may not do this"} }""", HttpStatusCode.Forbidden)), options => options.ApiKey = Key);

        var refusal = await Assert.ThrowsAsync<OpenRouterApiException>(() => client.Keys.GetCurrentAsync(TestContext.Current.CancellationToken));

        Assert.Equal("The key (removed) may not do this", refusal.ServerMessage);
        Assert.Equal("403", refusal.ErrorCode);
    }
}
