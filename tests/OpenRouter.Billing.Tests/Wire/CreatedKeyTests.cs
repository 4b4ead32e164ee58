namespace OpenRouter.Billing.Tests.Wire;

public sealed class CreatedKeyTests
{
    [Theory]
    [InlineData("null")]
    [InlineData("\"\"")]
    [InlineData("\" \"")]
    public async Task CreateAsync_AnswerWithoutAWholeKey_IsATypedError(string key)
    {
        var client = BillingClientKit.Over(new StubHandler().On("POST keys", $$$"""{"data":{"hash":"{{{new string('a', 64)}}}","name":"CI"},"key":{{{key}}} }"""));

        var refusal = await Assert.ThrowsAsync<OpenRouterApiException>(() => client.Keys.CreateAsync(new KeyDraft { Name = "CI" }, TestContext.Current.CancellationToken));

        Assert.Contains("without 'key'", refusal.Message, StringComparison.Ordinal);
    }
}
