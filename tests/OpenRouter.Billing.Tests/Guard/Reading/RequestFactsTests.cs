using System.Text;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.TestKit;

namespace OpenRouter.Billing.Tests.Guard.Reading;

/// <summary>What one pass over a body finds out about its price.</summary>
public sealed class RequestFactsTests
{
    [Theory]
    [InlineData("\"max_tokens\":7", 7L)]
    [InlineData("\"max_completion_tokens\":7", 7L)]
    [InlineData("\"max_output_tokens\":7", 7L)]
    [InlineData("\"max_tokens\":9,\"max_completion_tokens\":7,\"max_output_tokens\":8", 9L)]
    [InlineData("\"max_tokens\":9,\"max_completion_tokens\":null", 9L)]
    [InlineData("\"max_tokens\":9,\"max_tokens\":7", 9L)]
    [InlineData("\"max_tokens\":7,\"max_tokens\":null", null)]
    [InlineData("\"max_tokens\":null,\"max_\\u0074okens\":7", null)]
    [InlineData("\"max_tokens\":7,\"max_tokens\":null,\"max_tokens\":7", null)]
    [InlineData("\"max_tokens\":7,\"max_completion_tokens\":5,\"max_tokens\":null", 5L)]
    [InlineData("\"max_tokens\":1e3", 1000L)]
    [InlineData("\"max_tokens\":100.0", 100L)]
    [InlineData("\"max_tokens\":0", 1L)]
    [InlineData("\"max_tokens\":-5", 1L)]
    [InlineData("\"max_\\u0074okens\":7", 7L)]
    [InlineData("\"max_tokens\":\"7\"", null)]
    [InlineData("\"max_tokens\":[7]", null)]
    [InlineData("\"tools\":[{\"max_tokens\":7}]", null)]
    [InlineData("\"x\":1", null)]
    public void Read_OutputCap_IsTheLargestUnderAnyName(string members, long? expected) =>
        Assert.Equal(expected, Read($$"""{"model":"a/b",{{members}}}""").MaxOutputTokens);

    // The server takes the last of what is there twice, and null for no cap.
    [Theory]
    [InlineData("{\"max_price\":{\"prompt\":1,\"completion\":1},\"max_price\":null}")]
    [InlineData("{\"max_price\":{\"prompt\":1},\"max_price\":7}")]
    [InlineData("{\"max_price\":{\"prompt\":1}},\"provider\":{}")]
    [InlineData("{\"max_price\":{\"prompt\":1}},\"provider\":null")]
    public void Read_PriceCapIsTakenBack_IsNone(string provider) =>
        Assert.Null(Read($$"""{"model":"a/b","provider":{{provider}}}""").PriceCap);

    [Fact]
    public void Read_EverythingThatDecidesThePrice_IsFound()
    {
        var request = Read("""
            {"model":"a/b:nitro:online","models":["a/c",{"model":"a/d"}],"fallbacks":[{"model":"a/e"}],"n":3,"stream":true,"service_tier":"priority","max_tool_calls":4,
             "provider":{"order":["x"],"max_price":{"prompt":"1.5","completion":2,"request":0.25,"image":"?"},"sort":"price"},
             "plugins":[{"id":"web","engine":"exa","max_results":20},{"id":"file-parser","pdf":{"engine":"mistral-ocr"}},{"id":"web","enabled":false}],
             "tools":[{"type":"function","function":{"name":"type","parameters":{"type":"object","properties":{"max_uses":{"type":"integer"}}}}},{"type":"openrouter:web_search","parameters":{"max_uses":2,"engine":"parallel"}},
              {"type":"openrouter:advisor","parameters":{"model":"~a/wise-latest","max_completion_tokens":1024,"reasoning":{"max_tokens":9,"model":"a/deeper"}}},{"type":"openrouter:subagent","parameters":{"model":7}},{"name":"without type"}],
             "messages":[]}
            """);

        Assert.Equal("a/b:nitro:online", request.Model);
        Assert.Equal(["a/c", "a/d", "a/e"], request.FallbackModels);
        Assert.Equal((3, true, "priority", 4), (request.Answers, request.IsStreamed, request.ServiceTier, request.MaxToolCalls));
        Assert.Equal(new RequestPriceCap { Prompt = 0.0000015m, Completion = 0.000002m, Request = 0.25m }, request.PriceCap);
        Assert.Equal(
            [
                new RequestAddOn("openrouter:web_search") { Engine = "parallel", MaxUses = 2 },
                new RequestAddOn("openrouter:advisor") { Model = "~a/wise-latest", MaxOutputTokens = 1024 },
                new RequestAddOn("openrouter:subagent"),
                new RequestAddOn("web") { Engine = "exa", MaxResults = 20 },
                new RequestAddOn("file-parser") { Engine = "mistral-ocr" },
            ],
            request.AddOns);
        Assert.True(request.HasPaidAddOns);
        Assert.True(request.Prompt!.Value.HasTools);
    }

    [Theory]
    [InlineData("\"plugins\":[{\"id\":\"response-healing\"},{\"id\":\"web\",\"enabled\":false}]", false)]
    [InlineData("\"plugins\":[{\"id\":\"file-parser\"}]", false)]
    [InlineData("\"plugins\":[{\"id\":\"moderation-of-tomorrow\"}]", true)]
    [InlineData("\"plugins\":[{}]", true)]
    [InlineData("\"plugins\":[7]", true)]
    [InlineData("\"plugins\":[[{\"id\":\"web\"}]]", true)]
    [InlineData("\"plugins\":{}", false)]
    [InlineData("\"plugins\":null", false)]
    [InlineData("\"tools\":[{\"type\":\"function\"},{\"type\":\"custom\"}]", false)]
    [InlineData("\"tools\":[{\"type\":\"web_search_20250305\"}]", true)]
    [InlineData("\"tools\":[[1],{\"type\":\"openrouter:web_search\"}]", true)]
    [InlineData("\"tools\":[{\"parameters\":{\"type\":\"openrouter:web_search\"},\"type\":\"function\"}]", false)]
    [InlineData("\"messages\":[{\"content\":[{\"type\":\"file\",\"file\":{\"file_data\":\"data:application/pdf;base64,AAAA\"}}]}]", true)]
    [InlineData("\"messages\":[{\"content\":[{\"type\":\"file\",\"file\":{\"file_data\":\"x\"}}]}],\"plugins\":[{\"id\":\"file-parser\",\"pdf\":{\"engine\":\"native\"}}]", false)]
    public void Read_AddOn_CostsUnlessItIsKnownToBeFree(string members, bool costs)
    {
        var request = Read($$"""{"model":"a/b:free",{{members}},"n":2}""");

        Assert.Equal(costs, request.HasPaidAddOns);
        Assert.Equal(costs, request.IsPaid);
        Assert.Equal(2, request.Answers);
    }

    [Fact]
    public void Read_MoreAddOnsThanAreKept_CostsWhateverTheRestIs()
    {
        var free = string.Join(',', Enumerable.Repeat("""{"id":"response-healing"}""", 64));

        Assert.False(Read($$"""{"model":"a/b:free","plugins":[{{free}}]}""").HasPaidAddOns);
        Assert.True(Read($$"""{"model":"a/b:free","plugins":[{{free}},{"id":"web"}]}""").HasPaidAddOns);
    }

    [Fact]
    public void Read_Text_IsMeasuredWithEscapesAndWithoutFiles()
    {
        var size = Read("""{"model":"a/b","messages":[{"role":"user","content":"h\u00e9llo"},{"role":"user","content":[{"type":"text","text":"wörld"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]}]}""").Prompt!.Value;

        // user + h\u00e9llo + user + text + wörld + image_url, and a byte for each delimiter.
        Assert.Equal(4 + 10 + 4 + 4 + 6 + 9 + 6, size.Bytes);
        Assert.Equal(2, size.NonAsciiBytes);
        Assert.Equal(2, size.Messages);
        Assert.False(size.HasTools);
    }

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":"TEXT"}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"text","text":"TEXT"}]}]}""")]
    [InlineData("""{"messages":[{"role":"assistant","tool_calls":[{"function":{"arguments":"TEXT"}}]}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"tool_use","input":{"data":"TEXT"}}]}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"tool_use","input":{"url":"TEXT"}}]}]}""")]
    [InlineData("""{"input":"TEXT"}""")]
    [InlineData("""{"input":["a","TEXT"]}""")]
    [InlineData("""{"input":{"text":"TEXT"}}""")]
    [InlineData("""{"prompt":"TEXT"}""")]
    [InlineData("""{"instructions":"TEXT","input":""}""")]
    [InlineData("""{"system":[{"type":"text","text":"TEXT"}],"messages":[]}""")]
    [InlineData("""{"messages":[],"tools":[{"type":"function","function":{"description":"TEXT"}}]}""")]
    [InlineData("""{"messages":[],"tools":[{"type":"function","function":{"parameters":{"properties":{"TEXT":{}}}}}]}""")]
    [InlineData("""{"messages":[],"response_format":{"json_schema":{"schema":{"description":"TEXT"}}}}""")]
    [InlineData("""{"input":"","text":{"format":{"TEXT":1}}}""")]
    public void Read_Text_CountsWhereverTheModelReadsIt(string body)
    {
        var text = new string('x', 5000);

        Assert.InRange(Read(body.Replace("TEXT", text, StringComparison.Ordinal)).Prompt!.Value.Bytes, 5000, 5200);
    }

    [Theory]
    [InlineData("""{"type":"image_url","image_url":{"url":"data:image/png;base64,DATA"}}""", 1, 0, 0)]
    [InlineData("""{"type":"input_image","image_url":"data:image/png;base64,DATA"}""", 1, 0, 0)]
    [InlineData("""{"type":"image","source":{"type":"base64","media_type":"image/png","data":"DATA"}}""", 1, 0, 0)]
    [InlineData("""{"type":"input_audio","input_audio":{"data":"DATA","format":"wav"}}""", 0, 1, 0)]
    [InlineData("""{"type":"video_url","video_url":{"url":"data:video/mp4;base64,DATA"}}""", 0, 1, 0)]
    [InlineData("""{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,DATA"}}""", 0, 0, 1)]
    [InlineData("""{"type":"input_file","file_data":"DATA"}""", 0, 0, 1)]
    [InlineData("""{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"DATA"}}""", 0, 0, 1)]
    public void Read_Part_IsCountedAndItsBytesAreNoText(string part, int images, int recordings, int files)
    {
        var data = new string('A', 50_000);

        var request = Read($$"""{"messages":[{"role":"user","content":[{{part}}]}]}""".Replace("DATA", data, StringComparison.Ordinal));

        Assert.Equal((images, recordings, files), (request.Images, request.Recordings, request.Files));
        Assert.InRange(request.MediaBytes, 50_000, 50_100);
        Assert.InRange(request.Prompt!.Value.Bytes, 1, 200);
    }

    [Theory]
    [InlineData("""{"type":"image\u005furl","image_url":{"url":"https://a.example/cat.png"}}""", 1, 0, 0)]
    [InlineData("""{"t\u0079pe":"\u0069\u006e\u0070\u0075\u0074\u005F\u0069\u006d\u0061\u0067\u0065","image_url":"https://a.example/cat.png"}""", 1, 0, 0)]
    [InlineData("""{"\u0074\u0079\u0070\u0065":"video\u005furl","video_url":{"url":"https://a.example/cat.mp4"}}""", 0, 1, 0)]
    [InlineData("""{"type":"inpu\u0074_file","file_url":"https://a.example/cat.pdf"}""", 0, 0, 1)]
    [InlineData("""{"type":"\u0069\u006e\u0070\u0075\u0074\u005F\u0069\u006d\u0061\u0067\u0065\u0073","text":"image\u005furl"}""", 0, 0, 0)]
    public void Read_PartWrittenWithEscapes_IsWhatTheServerReads(string part, int images, int recordings, int files)
    {
        var request = Read($$"""{"model":"a/b","messages":[{"role":"user","content":[{{part}}]}]}""");

        Assert.Equal((images, recordings, files), (request.Images, request.Recordings, request.Files));
        Assert.Equal("a/b", request.Model);
    }

    [Theory]
    [InlineData("""{"messages":[{"content":[{"type":"text","text":"x","cache_control":{"type":"ephemeral","ttl":"1\u0068"}}]}]}""", true)]
    [InlineData("""{"messages":[],"cache_control":{"ttl":"\u0031h"}}""", true)]
    [InlineData("""{"messages":[{"content":[{"type":"text","text":"x","cache_control":{"type":"ephemeral","ttl":"1h"}}]}]}""", true)]
    [InlineData("""{"messages":[{"content":[{"type":"text","text":"x","cache_control":{"type":"ephemeral","ttl":"5m"}}]}]}""", false)]
    [InlineData("""{"system":[{"type":"text","text":"x","cache_control":{"ttl":"1h"}}],"messages":[]}""", true)]
    [InlineData("""{"messages":[{"content":"1h"}]}""", false)]
    [InlineData("""{"messages":[],"cache_control":{"type":"ephemeral","ttl":"1h"}}""", true)]
    [InlineData("""{"messages":[],"tools":[{"type":"function","cache_control":{"ttl":"1h"}}]}""", true)]
    public void Read_CacheLifetime_IsFoundWhereItStands(string body, bool forAnHour) => Assert.Equal(forAnHour, Read(body).CachesForAnHour);

    [Fact]
    public void Read_PathThatIsNotPricedByText_HasNoPromptToEstimate()
    {
        Assert.Null(RequestReader.Read("""{"model":"a/b","prompt":"a cat"}"""u8, null, isPricedByText: false).Prompt);
        Assert.Null(Read("""{"model":"a/b"}""").Prompt);
    }

    [Theory]
    [InlineData("chat/completions", true)]
    [InlineData("completions", true)]
    [InlineData("responses", true)]
    [InlineData("messages", true)]
    [InlineData("embeddings/", true)]
    [InlineData("presets/mine/chat/completions", true)]
    [InlineData("chat%2Fcompletions", true)]
    [InlineData("images", false)]
    [InlineData("images/generations", false)]
    [InlineData("rerank", false)]
    [InlineData("audio/speech", false)]
    [InlineData("videos", false)]
    public void ArePricedByText_Path_SaysSo(string path, bool expected) =>
        Assert.Equal(expected, InferenceEndpoints.ArePricedByText(new Uri("https://openrouter.ai/api/v1/" + path)));

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"model\":\"a/b\"")]
    [InlineData("{\"model\":\"\\ud800\"}")]
    [InlineData("model=a/b")]
    public void Read_NoJsonObject_IsUnreadableAndPaid(string body)
    {
        var request = Read(body);

        Assert.True(request.IsUnreadable);
        Assert.True(request.IsPaid);
        Assert.Null(request.Prompt);
    }

    [Fact]
    public void Read_ManyMessages_AllocatesNothingForThem()
    {
        byte[] Body(int messages) => Encoding.UTF8.GetBytes(
            $$"""{"model":"a/b","messages":[{{string.Join(',', Enumerable.Repeat("""{"role":"user","content":[{"type":"text","text":"Wie spät ist es?"}]}""", messages))}}]}""");
        var (few, many) = (Body(2), Body(2000));
        RequestReader.Read(few, null);
        RequestReader.Read(many, null);

        Assert.Equal(Allocated(few), Allocated(many));
    }

    [Fact]
    public void Read_RecordedRequests_AreAllReadable()
    {
        var bodies = Reference.Recordings().Select(recording => (string?)recording["request"]!["body"]).OfType<string>().ToList();

        Assert.All(bodies, body =>
        {
            var request = Read(body);
            Assert.False(request.IsUnreadable);
            Assert.NotNull(request.Model);
            Assert.InRange(request.Prompt!.Value.Bytes, 1, body.Length + 1000);
        });
        Assert.NotEmpty(bodies);
    }

    private static long Allocated(byte[] body)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        RequestReader.Read(body, null);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static BillableRequest Read(string body) => RequestReader.Read(Encoding.UTF8.GetBytes(body), null);
}
