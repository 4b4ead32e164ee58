using System.Text;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Reading;

/// <summary>Requests that somebody broke: they are read or count as unreadable, and a lower cap changes nothing else in them.</summary>
public sealed class RequestFuzzTests
{
    private const int Seed = 20261128;
    private const long Cap = 100;

    private static readonly Uri Address = new("https://openrouter.ai/api/v1/chat/completions");

    private static readonly string[] OwnBodies =
    [
        """{"model":"a/b:free","models":["c/d","\u00e9"],"fallbacks":[{"model":"e"}],"plugins":[{"id":"web"}],"tools":[{"type":"function","type":"x"}],"messages":[{"role":"user","content":"\"model\":\"x\""}]}""",
        """{"model":"a/b","max_tokens":4000,"max_completion_tokens":null,"max_tokens":5e2,"n":3,"stream":true,"provider":{"max_price":{"prompt":"1.5","completion":2}},"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}},{"type":"file","file":{"file_data":"x"}}]}]}""",
        """{"model":"a/b:online","max_output_tokens":64,"input":[{"role":"user","content":[{"type":"input_text","text":"hällo"}]}],"instructions":"be brief","tools":[{"type":"openrouter:web_search","parameters":{"max_uses":2}}],"service_tier":"flex"}""",
        """{"model":"a/b","max_tokens":1024,"system":[{"type":"text","text":"x","cache_control":{"type":"ephemeral","ttl":"1h"}}],"messages":[{"role":"user","content":"hello"}]}""",
        """{"model":"a/embed","input":["one","two",[1,2,3]]}""",
    ];

    // What a mutation pastes in: the words that mean something to the reader, in every spelling, and bytes that mean nothing to anyone.
    private static readonly byte[][] Pieces =
    [
        .. new[]
        {
            "\"", "{", "}", "[", "]", "\\", ",", ":", "\"model\":", "\"mod\\u0065l\":\"a/b:free\",", "\"models\":[", "\"max_tokens\":", "\"max_tokens\":null,", "\"max_output_tokens\":7,",
            "\"messages\":", "\"input\":{", "\"plugins\":[{\"id\":", "\"tools\":[{\"type\":", "\"provider\":{\"max_price\":", "\"n\":", "\"type\":\"file\",", "\"data\":\"", "\"url\":\"data:",
            "\\ud800", "\\udc00", "\\u0000", "1e999", "-1", "99999999999999999999", "0.1", "null", "true", "/*", "*/", "//\n", "\uFEFF", "\uD83D\uDE00", ":free", ":online", "@preset/",
        }.Select(Encoding.UTF8.GetBytes),
        [0xFF, 0xFE], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0],
    ];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Read_MutatedRequests_NeverThrowsAndALowerCapChangesNothingElse(bool areRecorded)
    {
        var bodies = (areRecorded ? Reference.Recordings().Select(recording => recording["request"]!["body"]?.GetValue<string>()).OfType<string>() : OwnBodies).Select(Encoding.UTF8.GetBytes).ToArray();
        var mutants = FuzzCampaign.Mutations(50_000);
        var (readable, lowered) = (0, 0);
        await FuzzCampaign.RunAsync(mutants, () =>
        {
            var random = new Random(Seed);
            for (var round = 0; round < mutants; round++)
            {
                var body = Mutate(bodies[random.Next(bodies.Length)], random);
                try
                {
                    var asked = RequestReader.Read(body, "key");
                    readable += asked.IsUnreadable ? 0 : 1;
                    lowered += asked.MayLowerOutputCap && IsLowered(body, asked) ? 1 : 0;
                }
                catch (Exception exception)
                {
                    Assert.Fail($"Round {round}: {exception}\n{Convert.ToBase64String(body)}");
                }
            }
        });

        TestContext.Current.TestOutputHelper!.WriteLine($"{mutants} mutated requests of {bodies.Length}, {readable} can be read, {lowered} were lowered");
        Assert.InRange(readable, mutants / 20, mutants - (mutants / 20));
        Assert.InRange(lowered, mutants / 50, readable);
    }

    private static bool IsLowered(byte[] body, BillableRequest asked)
    {
        var lower = RequestReader.Read(OutputCapRewriter.Lower(body, Cap, Address).Span, "key");
        Assert.InRange(lower.MaxOutputTokens!.Value, 1, Cap);
        Assert.Equal((asked.Model, asked.Prompt, asked.Answers, asked.PriceCap, asked.MediaBytes), (lower.Model, lower.Prompt, lower.Answers, lower.PriceCap, lower.MediaBytes));
        Assert.Equal(asked.FallbackModels, lower.FallbackModels);
        Assert.Equal(asked.AddOns, lower.AddOns);
        return true;
    }

    private static byte[] Mutate(byte[] body, Random random)
    {
        var bytes = new List<byte>(body);
        for (var edits = random.Next(1, 4); edits > 0; edits--)
        {
            var at = random.Next(bytes.Count + 1);
            switch (random.Next(6))
            {
                case 0 when at < bytes.Count:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes.RemoveRange(at, random.Next(bytes.Count - at + 1));
                    bytes.Add((byte)'}');
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(random.Next(8), bytes.Count - at));
                    break;
                default:
                    bytes.InsertRange(at, Pieces[random.Next(Pieces.Length)]);
                    break;
            }
        }

        return [.. bytes];
    }
}
