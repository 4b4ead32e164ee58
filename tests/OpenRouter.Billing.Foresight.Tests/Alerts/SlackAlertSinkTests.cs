using System.Text.Json.Nodes;

namespace OpenRouter.Billing.Foresight.Tests.Alerts;

public sealed class SlackAlertSinkTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SendAsync_Alert_IsOneEscapedText()
    {
        await using var receiver = new WebhookReceiver(WebhookReceiver.Status(200));
        using var http = new HttpClient();
        var sink = new SlackAlertSink(http, new WebhookSinkOptions { Address = receiver.Address });

        await sink.SendAsync(AlertWorld.Alert(AlertSeverity.Urgent, "The key '<!channel> & co' has used 80 %.", account: "a<b"), Token);

        var body = JsonNode.Parse(Assert.Single(receiver.Requests).Body)!.AsObject();
        Assert.Equal(["text"], body.Select(member => member.Key));
        Assert.Equal("*Urgent* (a&lt;b): The key '&lt;!channel&gt; &amp; co' has used 80 %.", (string?)body["text"]);
    }

    [Fact]
    public async Task SendAsync_LongMessage_IsCut()
    {
        await using var receiver = new WebhookReceiver(WebhookReceiver.Status(200));
        using var http = new HttpClient();

        await new SlackAlertSink(http, new WebhookSinkOptions { Address = receiver.Address }).SendAsync(AlertWorld.Alert(message: new string('a', 100_000)), Token);

        Assert.InRange(Assert.Single(receiver.Requests).Body.Length, 3000, 4000);
    }

    [Fact]
    public async Task SendAsync_AddressThatIsGone_FailsWithoutShowingIt()
    {
        await using var receiver = new WebhookReceiver(WebhookReceiver.Status(410));
        using var http = new HttpClient();

        var failed = await Assert.ThrowsAsync<WebhookFailedException>(() => new SlackAlertSink(http, new WebhookSinkOptions { Address = receiver.Address }).SendAsync(AlertWorld.Alert(), Token).AsTask());

        Assert.DoesNotContain("secret-path", failed.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_Secret_IsRefused()
    {
        using var http = new HttpClient();

        Assert.Throws<ArgumentException>(() => new SlackAlertSink(http, new WebhookSinkOptions { Address = new Uri("https://example.com/"), Secret = "whsec_AQID" }));
    }
}
