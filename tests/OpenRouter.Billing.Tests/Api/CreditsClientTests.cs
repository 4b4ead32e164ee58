
namespace OpenRouter.Billing.Tests.Api;

public sealed class CreditsClientTests
{
    [Fact]
    public async Task GetAsync_WithoutManagementKey_FailsBeforeSendingAndNamesTheOption()
    {
        var stub = new StubHandler();
        var exception = await Assert.ThrowsAsync<CredentialMissingException>(() => BillingClientKit.Over(stub, options => options.ManagementKey = null).Credits.GetAsync(TestContext.Current.CancellationToken));
        Assert.Equal(nameof(OpenRouterBillingOptions.ManagementKey), exception.OptionName);
        Assert.Equal("GET /credits needs a management key: set OpenRouterBillingOptions.ManagementKey. Nothing was sent.", exception.Message);
        Assert.Empty(stub.Requests);
    }

    [Fact]
    public async Task GetAsync_BothKeysSet_SendsTheManagementKey()
    {
        var stub = new StubHandler().On("GET credits", TestData.CreditsBody);
        await BillingClientKit.Over(stub).Credits.GetAsync(TestContext.Current.CancellationToken);
        Assert.Equal(("GET credits", TestData.ManagementKey), Assert.Single(stub.Requests));
    }

    [Theory]
    [InlineData("""{"total_credits":80.5,"total_usage":12.25}""", "68.25")]
    [InlineData("""{"total_credits":"1e2","total_usage":"2.5E+1"}""", "75")]
    [InlineData("""{"total_credits":5,"total_usage":5.000000001}""", "-0.000000001")]
    [InlineData("""{"total_credits":0,"total_usage":0}""", "0")]
    [InlineData("""{"total_credits":0.1,"total_usage":0.3}""", "-0.2")]
    [InlineData("""{"total_credits":999999999999999999999999999,"total_usage":-999999999999999999999999999}""", "1999999999999999999999999998")]
    public async Task GetAsync_AnySpelling_IsExactToTheLastDigit(string data, string remaining)
    {
        var balance = await BillingClientKit.Answering($$"""{"data":{{data}}}""").Credits.GetAsync(TestContext.Current.CancellationToken);
        Assert.Equal(decimal.Parse(remaining, System.Globalization.CultureInfo.InvariantCulture), balance.Remaining);
    }

    [Theory]
    [InlineData("{}", "data")]
    [InlineData("""{"data":null}""", "data")]
    [InlineData("""{"data":{}}""", "data.total_credits")]
    [InlineData("""{"data":{"total_credits":1,"total_usage":null}}""", "data.total_usage")]
    [InlineData("""{"data":{"total_credits":null,"total_usage":1}}""", "data.total_credits")]
    public async Task GetAsync_SumMissing_IsAnErrorAndNeverZero(string body, string member)
    {
        var exception = await Assert.ThrowsAsync<OpenRouterApiException>(() => BillingClientKit.Answering(body).Credits.GetAsync(TestContext.Current.CancellationToken));
        Assert.Contains($"without '{member}'", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"data":{"total_credits":79228162514264337593543950335,"total_usage":-1}}""")]
    [InlineData("""{"data":{"total_credits":1e300,"total_usage":0}}""")]
    public async Task GetAsync_SumBeyondMeaning_IsAnErrorRatherThanAnOverflowLater(string body) =>
        await Assert.ThrowsAsync<OpenRouterApiException>(() => BillingClientKit.Answering(body).Credits.GetAsync(TestContext.Current.CancellationToken));
}
