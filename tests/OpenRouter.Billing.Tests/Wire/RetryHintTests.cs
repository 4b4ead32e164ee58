using System.Net;

namespace OpenRouter.Billing.Tests.Wire;

public sealed class RetryHintTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("0", 0)]
    [InlineData("90", 90)]
    [InlineData("31622400", 31_622_400)]
    [InlineData("31622401", null)]
    [InlineData("2147483647", null)]
    [InlineData("Sat, 28 Nov 2026 12:01:30 GMT", 90)]
    [InlineData("Sat, 28 Nov 2026 11:00:00 GMT", 0)]
    [InlineData("Fri, 31 Dec 9999 23:59:59 GMT", null)]
    public async Task RetryAfter_OfTheHeader_IsWhatItSaysUnlessNobodyMeansIt(string header, int? seconds)
    {
        var client = BillingClientKit.Over(new StubHandler().On("GET key", () => Refusal("{}", header)), clock: new ManualTimeProvider(Now));

        var refusal = await Assert.ThrowsAsync<OpenRouterApiException>(() => client.Keys.GetCurrentAsync(TestContext.Current.CancellationToken));

        Assert.Equal(seconds is { } known ? TimeSpan.FromSeconds(known) : null, refusal.RetryAfter);
    }

    [Theory]
    [InlineData("\"headers\":{\"Retry-After\":\"90\"},\"retry_after_seconds\":5", 90)]
    [InlineData("\"headers\":{\"Retry-After\":\"31622401\"},\"retry_after_seconds\":5", 5)]
    [InlineData("\"retry_after_seconds\":31622400", 31_622_400)]
    [InlineData("\"retry_after_seconds\":31622401", null)]
    [InlineData("\"retry_after_seconds\":-1", null)]
    public async Task RetryAfter_OfTheBody_IsReadWhereTheHeaderIsMissing(string metadata, int? seconds)
    {
        var body = "{\"error\":{\"code\":429,\"message\":\"No.\",\"metadata\":{" + metadata + "}}}";
        var client = BillingClientKit.Over(new StubHandler().On("GET key", () => Refusal(body, null)), clock: new ManualTimeProvider(Now));

        var refusal = await Assert.ThrowsAsync<OpenRouterApiException>(() => client.Keys.GetCurrentAsync(TestContext.Current.CancellationToken));

        Assert.Equal(seconds is { } known ? TimeSpan.FromSeconds(known) : null, refusal.RetryAfter);
    }

    private static HttpResponseMessage Refusal(string body, string? header)
    {
        var response = StubHandler.Json(body, HttpStatusCode.TooManyRequests);
        if (header is not null)
        {
            response.Headers.TryAddWithoutValidation("Retry-After", header);
        }

        return response;
    }
}
