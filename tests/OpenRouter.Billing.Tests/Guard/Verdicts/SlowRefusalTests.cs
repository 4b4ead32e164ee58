using System.IO.Pipelines;
using System.Net;
using System.Text;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Verdicts;

/// <summary>A refusal whose status is there and whose body is not.</summary>
public sealed class SlowRefusalTests
{
    private const string Refusal = """{"error":{"code":402,"message":"Insufficient credits. Add more."}}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    public async Task SendAsync_BodyComesLaterThanTheBound_IsReturnedInTimeAndReadInFullLater(int sentBefore)
    {
        using var world = new GuardedStub(options => options.Guard.ThrowOnServerRefusal = false);
        var pipe = new Pipe();
        world.Answer = () => new HttpResponseMessage(HttpStatusCode.PaymentRequired) { Content = new StreamContent(pipe.Reader.AsStream()) };
        await pipe.Writer.WriteAsync(Encoding.UTF8.GetBytes(Refusal[..sentBefore]), Cancellation);
        // The figures are known by then, so that the clock is waited for by nothing but the look into the body.
        await world.Guard.EvaluateAsync(new BillableRequest { Model = GuardedStub.PaidModel, ApiKey = TestData.ApiKey }, Cancellation);

        var sending = SendAsync(world.Http);
        await world.Clock.WaitForTimerAsync(Cancellation);
        Assert.False(sending.IsCompleted);
        while (!sending.IsCompleted)
        {
            world.Clock.Advance(world.Options.Guard.ReadingTimeout);
            await Task.Yield();
        }

        using var answer = await sending;
        await pipe.Writer.WriteAsync(Encoding.UTF8.GetBytes(Refusal[sentBefore..]), Cancellation);
        await pipe.Writer.CompleteAsync();
        Assert.Equal(HttpStatusCode.PaymentRequired, answer.StatusCode);
        Assert.Equal(Refusal, await answer.Content.ReadAsStringAsync(Cancellation));
    }

    private static Task<HttpResponseMessage> SendAsync(HttpClient http) =>
        http.SendAsync(GuardedStub.Request(), HttpCompletionOption.ResponseHeadersRead, Cancellation);
}
