using System.Diagnostics;
using System.Text;
using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing.Tests.Wire;

public sealed class ServerTextTests
{
    [Theory]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData(" \t\r\n", null)]
    [InlineData("Plain sentence.", "Plain sentence.")]
    [InlineData("one\r\ntwo\tthree\u0000four\u200Bfive", "one two three four five")]
    [InlineData("Visit https://openrouter.ai/workspaces/w/keys/abc?x=1 now", "Visit (link) now")]
    [InlineData("HTTP://EXAMPLE.ORG/x", "(link)")]
    [InlineData("Key sk-or-v1-0123456789abcdef is off", "Key (removed) is off")]
    [InlineData("Key SK-OR-V1-0123456789ABCDEF is off", "Key (removed) is off")]
    [InlineData("key=sk-or-v1-ab/cd+ef=~.-_x!", "key=(removed)!")]
    [InlineData("token eyJhbGciOi.eyJzdWIi.c2ln-_x is over", "token (removed) is over")]
    [InlineData("user_9zYxWv and org_abc", "(removed) and (removed)")]
    [InlineData("hash 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "hash (removed)")]
    [InlineData("$7.50 of $7.00 used; resets 2026-12-07T00:00:00.000Z", "$7.50 of $7.00 used; resets 2026-12-07T00:00:00.000Z")]
    public void Clean_Sentence_KeepsWhatIsFitToShow(string? text, string? expected) => Assert.Equal(expected, ServerText.Clean(text));

    [Theory]
    [InlineData("\uD800")]
    [InlineData("a\uDC00b")]
    [InlineData("\uD83D\uDE00")]
    public void Clean_Surrogates_LeaveTextThatCanBeWritten(string text)
    {
        // A strict encoder refuses half a pair.
        var clean = ServerText.Clean("x" + text + "y")!;
        new UTF8Encoding(false, throwOnInvalidBytes: true).GetBytes(clean);
    }

    [Theory]
    [InlineData("x")]
    [InlineData(" ")]
    [InlineData("https://")]
    [InlineData("sk-or-")]
    [InlineData("eyJ.")]
    [InlineData("user_")]
    [InlineData("0123456789abcdef")]
    [InlineData("\u0000")]
    [InlineData("a ")]
    public void Clean_Megabytes_CostNoMoreThanASentence(string part)
    {
        var text = "begin " + string.Concat(Enumerable.Repeat(part, 4_000_000 / part.Length));
        ServerText.Clean(text);
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < 200; i++)
        {
            Assert.InRange(ServerText.Clean(text)!.Length, 1, 301);
            Assert.InRange(ServerText.Word(text)!.Length, 1, 310);
        }

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(2), $"200 cleanings took {watch.Elapsed}.");
    }

    [Fact]
    public void Clean_SecretAtEveryOffset_NeverShowsItsInside()
    {
        for (var before = 0; before < 1_300; before++)
        {
            var clean = ServerText.Clean(string.Concat(new string('a', before), " ", TestData.ApiKey))!;
            Assert.DoesNotContain("sk-or-v1", clean, StringComparison.Ordinal);
            Assert.DoesNotContain("1111", clean, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("402", "402")]
    [InlineData("openrouter_key_limit", "openrouter_key_limit")]
    [InlineData("gen-0123456789abcdef0123456789abcdef", "gen-0123456789abcdef0123456789abcdef")]
    [InlineData(" two\r\nwords ", "two words")]
    [InlineData("sk-or-v1-abc", "(removed)")]
    [InlineData("", null)]
    public void Word_CodeOrIdentifier_KeepsItButNoKey(string text, string? expected) => Assert.Equal(expected, ServerText.Word(text));

    [Fact]
    public async Task OpenRouterApiException_ServerEchoesTheKeyEverywhere_HoldsItNowhere()
    {
        const string body = """
            {"id":"KEY","error":{"code":"KEY","message":"the key KEY is bad","metadata":{"error_type":"KEY","limit_source":"KEY"}},"KEY":"KEY"}
            """;
        string[] keys = [TestData.ApiKey, "sk-or-v1-CANARY/with+odd=chars~", "eyJhbGciOiJSUzI1NiJ9.eyJjYW5hcnkiOjF9.c2lnbmF0dXJl"];
        foreach (var key in keys)
        {
            foreach (var text in new[] { body, """{"error":"KEY"}""", """{"error":"about KEY","error_description":"KEY"}""", """{"data":{"KEY":[KEY""", "KEY", "<html>KEY" })
            {
                var stub = new StubHandler().OnAny(() =>
                {
                    var response = StubHandler.Json(text.Replace("KEY", key, StringComparison.Ordinal), System.Net.HttpStatusCode.Unauthorized);
                    response.Headers.TryAddWithoutValidation("X-Generation-Id", key);
                    return response;
                });
                var exception = await Assert.ThrowsAsync<OpenRouterApiException>(() => BillingClientKit.Over(stub, options => options.ApiKey = key).Keys.GetCurrentAsync(TestContext.Current.CancellationToken));
                var shown = string.Join('|', exception, exception.ErrorCode, exception.ErrorType, exception.LimitSource, exception.ServerMessage, exception.GenerationId);
                Assert.DoesNotContain(key, shown, StringComparison.OrdinalIgnoreCase);
                Assert.DoesNotContain(key[10..30], shown, StringComparison.OrdinalIgnoreCase);
            }
        }
    }
}
