using System.Text;
using System.Text.Json.Nodes;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Reading;

/// <summary>A lower output cap in a body, and nothing else changed.</summary>
public sealed class OutputCapRewriterTests
{
    private static readonly Uri Chat = new("https://openrouter.ai/api/v1/chat/completions");

    [Theory]
    [InlineData("""{"max_tokens":900}""", """{"max_tokens":300}""")]
    [InlineData("""{ "a" : 1 , "max_tokens"  :  900  , "b":"max_tokens" }""", """{ "a" : 1 , "max_tokens"  :  300  , "b":"max_tokens" }""")]
    [InlineData("""{"max_tokens":900,"max_completion_tokens":200,"max_output_tokens":301}""", """{"max_tokens":300,"max_completion_tokens":200,"max_output_tokens":300}""")]
    [InlineData("""{"max_tokens":9e2,"x":[{"max_tokens":900}]}""", """{"max_tokens":300,"x":[{"max_tokens":900}]}""")]
    [InlineData("""{"max_tokens":null}""", """{"max_tokens":300}""")]
    [InlineData("""{"max_\u0074okens":900}""", """{"max_\u0074okens":300}""")]
    [InlineData("""{"max_tokens":900,"max_tokens":800,}""", """{"max_tokens":300,"max_tokens":300,}""")]
    [InlineData("""{"model":"a/b"}""", """{"max_tokens":300,"model":"a/b"}""")]
    [InlineData(" \n{ // why\n\"model\":\"ä\"}", " \n{\"max_tokens\":300, // why\n\"model\":\"ä\"}")]
    [InlineData("\uFEFF{\"max_tokens\":900}", "\uFEFF{\"max_tokens\":300}")]
    [InlineData("\uFEFF{\"x\":900}", "\uFEFF{\"max_tokens\":300,\"x\":900}")]
    public void Lower_Body_ChangesTheCapAndNoOtherByte(string body, string expected) => Assert.Equal(expected, Lower(body, Chat));

    [Theory]
    [InlineData("responses/")]
    [InlineData("presets/mine%2Fresponses")]
    public void Lower_ResponsesWithoutCap_GetTheirOwnName(string path) =>
        Assert.Equal("""{"max_output_tokens":300,"input":"x"}""", Lower("""{"input":"x"}""", new Uri("https://openrouter.ai/api/v1/" + path)));

    [Fact]
    public void Lower_GeneratedBodies_AreReadWithTheLowerCap()
    {
        var random = new Random(42);
        for (var turn = 0; turn < 2000; turn++)
        {
            var body = new JsonObject { ["model"] = "a/b", ["messages"] = new JsonArray(new JsonObject { ["content"] = "max_tokens\":1" }) };
            foreach (var name in new[] { "max_tokens", "max_completion_tokens", "max_output_tokens" })
            {
                if (random.Next(2) == 0)
                {
                    body.Insert(random.Next(body.Count + 1), name, random.Next(4) == 0 ? null : JsonValue.Create(random.Next(1000)));
                }
            }

            var lowered = OutputCapRewriter.Lower(Encoding.UTF8.GetBytes(body.ToJsonString()), 300, Chat);
            var request = RequestReader.Read(lowered.Span, null);

            Assert.InRange(request.MaxOutputTokens!.Value, 1, 300);
            Assert.Equal("a/b", request.Model);
            Assert.Equal(1, request.Prompt!.Value.Messages);
        }
    }

    private static string Lower(string body, Uri address) => Encoding.UTF8.GetString(OutputCapRewriter.Lower(Encoding.UTF8.GetBytes(body), 300, address).Span);
}
