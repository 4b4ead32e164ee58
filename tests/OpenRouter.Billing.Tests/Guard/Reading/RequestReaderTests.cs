using System.Text;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Reading;

public sealed class RequestReaderTests
{
    [Theory]
    [InlineData("""{"model":"openai/gpt-4o-mini"}""", "openai/gpt-4o-mini")]
    [InlineData("""{"messages":[{"model":"inner"}],"model":"a/b"}""", "a/b")]
    [InlineData("""{"mod\u0065l":"a\/\u0062"}""", "a/b")]
    [InlineData("""{"model":"first","model":"last"}""", "last")]
    [InlineData("""{"model":"first","model":null}""", null)]
    [InlineData("""{"model":5}""", null)]
    [InlineData("""{"model":{"model":"inner"}}""", null)]
    [InlineData("""{"Model":"a/b"}""", null)]
    [InlineData("{}", null)]
    [InlineData("\uFEFF{\"model\":\"a/b\"}", "a/b")]
    [InlineData(" \r\n\t{ \"model\" : \"a/b\" } ", "a/b")]
    [InlineData("""{"messages":[{"content":"\ud800 lone"}],"model":"a/b"}""", "a/b")]
    public void Read_JsonObject_FindsTheModelAtTheTop(string body, string? model) => Assert.Equal(model, Read(body).Model);

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""["model","a/b:free"]""")]
    [InlineData("\"a/b:free\"")]
    [InlineData("5")]
    [InlineData("""{"model":"a/b:free""")]
    [InlineData("""{"model":"a/b:free",""")]
    [InlineData("""{"model":"a/b:free","x":}""")]
    [InlineData("""{"model":"a/b:free","models":["\ud800"]}""")]
    [InlineData("""{"model":"\udc00:free"}""")]
    [InlineData("model=a/b:free")]
    [InlineData("\0")]
    public void Read_NoJsonObject_IsAPaidRequestOfUnknownModel(string body)
    {
        var request = Read(body);

        Assert.Null(request.Model);
        Assert.True(request.IsPaid);
        Assert.False(request.UsesAnyFreeModel);
        // Nobody could look, so a failure may have cost something.
        Assert.True(request.HasPaidAddOns);
        Assert.Equal("key", request.ApiKey);
    }

    [Fact]
    public void Read_InvalidUtf8_IsAPaidRequestOfUnknownModel() =>
        Assert.True(RequestReader.Read([.. "{\"model\":\""u8, 0xFF, 0xC0, .. ":free\"}"u8], null) is { Model: null, IsPaid: true });

    [Theory]
    [InlineData("""{"models":["a","b"]}""", "a,b")]
    [InlineData("""{"fallbacks":["a","b"]}""", "a,b")]
    [InlineData("""{"fallbacks":[{"model":"a"},{"provider":{"model":"x"},"model":"b"},{}]}""", "a,b,")]
    [InlineData("""{"fallbacks":["b"],"models":["a"]}""", "a,b")]
    [InlineData("""{"models":["a"],"models":["b"]}""", "b")]
    [InlineData("""{"models":["a"],"models":null}""", null)]
    [InlineData("""{"models":"a"}""", null)]
    [InlineData("""{"models":[]}""", null)]
    [InlineData("""{"models":[1,null,["x"],"a"]}""", ",,,a")]
    public void Read_OtherModels_AreThoseThatMayAnswer(string body, string? expected) =>
        Assert.Equal(expected?.Split(',') ?? [], Read(body).FallbackModels);

    [Fact]
    public void Read_OnePaidModelAmongManyFreeOnes_IsPaidHoweverLateItComes()
    {
        var models = string.Join(",", Enumerable.Repeat("\"a/b:free\"", 100));

        var request = Read($$"""{"model":"a/b:free","models":[{{models}},"c/d"]}""");

        Assert.True(request.IsPaid);
        Assert.InRange(request.FallbackModels.Count, 1, 32);
    }

    [Theory]
    [InlineData("""{"plugins":[{"id":"web"}]}""", true)]
    [InlineData("""{"plugins":["web"]}""", true)]
    [InlineData("""{"plugins":[]}""", false)]
    [InlineData("""{"plugins":null}""", false)]
    [InlineData("""{"plugins":{"id":"web"}}""", false)]
    [InlineData("""{"plugins":[{"id":"web"}],"plugins":[]}""", false)]
    [InlineData("""{"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}]}""", false)]
    [InlineData("""{"tools":[{"function":{"name":"f"},"type":"function"}]}""", false)]
    [InlineData("""{"tools":[{"type":"custom"}]}""", false)]
    [InlineData("""{"tools":[{"name":"no type"}]}""", false)]
    [InlineData("""{"tools":[{"type":"function"},{"type":"openrouter:web_search"}]}""", true)]
    [InlineData("""{"tools":[{"type":"web_search_20250305","name":"web_search"}]}""", true)]
    [InlineData("""{"tools":[{"type":"function","type":"openrouter:web_search"}]}""", true)]
    [InlineData("""{"tools":[{"type":"openrouter:web_search"}],"tools":[]}""", false)]
    [InlineData("""{"tools":["x",5,null]}""", false)]
    [InlineData("""{"tools":"openrouter:web_search"}""", false)]
    [InlineData("""{"messages":[{"plugins":[{"id":"web"}],"tools":[{"type":"x"}]}]}""", false)]
    [InlineData("""{"model":"a/b:free:online"}""", true)]
    [InlineData("""{"model":"a/b:free","models":["a/b:online"]}""", true)]
    [InlineData("""{"model":"a/b:free"}""", false)]
    public void Read_PluginsToolsAndVariants_AreAddOnsWhenTheServerRunsThem(string body, bool hasPaidAddOns) =>
        Assert.Equal(hasPaidAddOns, Read(body).HasPaidAddOns);

    [Theory]
    [InlineData("""{"model":"a/b:free"}""", false, true)]
    [InlineData("""{"model":"a/b:free","models":["c/d:free","openrouter/free"]}""", false, true)]
    [InlineData("""{"model":"a/b:free","models":["c/d"]}""", true, true)]
    [InlineData("""{"model":"a/b","models":["c/d:free"]}""", true, true)]
    [InlineData("""{"model":"a/b","fallbacks":[{"model":"c/d:free"}]}""", true, true)]
    [InlineData("""{"model":"a/b:free","plugins":[{"id":"web"}]}""", true, true)]
    [InlineData("""{"model":"a/b:free:online"}""", true, true)]
    [InlineData("""{"models":["a/b:free"]}""", true, true)]
    [InlineData("""{"model":"a/b"}""", true, false)]
    [InlineData("{}", true, false)]
    public void Read_FreeAndPaidModels_DecideWhatIsClaimed(string body, bool isPaid, bool usesAnyFreeModel)
    {
        var request = Read(body);

        Assert.Equal((isPaid, usesAnyFreeModel), (request.IsPaid, request.UsesAnyFreeModel));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(5000)]
    public void Read_DeepBody_StillFindsTheModel(int depth) =>
        Assert.Equal("a/b", Read($$"""{"tools":[{"type":"function","x":{{new string('[', depth)}}{{new string(']', depth)}}}],"model":"a/b"}""").Model);

    [Fact]
    public void Read_DeeperThanAnyServerReads_IsAPaidRequestOfUnknownModel() =>
        Assert.True(Read($$"""{"model":"a/b:free","x":{{new string('[', 1_000_000)}}""") is { Model: null, IsPaid: true });

    private static BillableRequest Read(string body) => RequestReader.Read(Encoding.UTF8.GetBytes(body), "key");
}
