using System.Globalization;
using System.Text;

namespace OpenRouter.Billing.Tests.Guard.Faults;

/// <summary>What a sound server answers: the head without its length, and the body, which a stream sends in chunks.</summary>
/// <param name="Head">The lines of the head.</param>
/// <param name="Body">The body.</param>
/// <param name="IsStream">Whether the body comes in chunks, so that its length is not said.</param>
internal sealed record ServedAnswer(string Head, byte[] Body, bool IsStream)
{
    /// <summary>What each chat costs, in US dollars.</summary>
    public const decimal Cost = 0.00123m;

    private const string Json = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n";
    private const string ChatText = "It was a pleasure to meet you, and I hope that we shall meet again before long.";

    private static readonly string CostText = Cost.ToString(CultureInfo.InvariantCulture);

    public static ServedAnswer Chat { get; } = OfJson($$$"""{"id":"gen-1","choices":[{"message":{"role":"assistant","content":"{{{ChatText}}}"}}],"usage":{"cost":{{{CostText}}}}}""");

    public static ServedAnswer Stream { get; } = new(
        Json.Replace("application/json", "text/event-stream", StringComparison.Ordinal),
        Encoding.UTF8.GetBytes(string.Concat(ChatText.Split(' ').Select(word => $$$"""data: {"id":"gen-1","choices":[{"delta":{"content":"{{{word}}} "}}]}""" + "\n\n"))
            + $$$"""data: {"id":"gen-1","choices":[],"usage":{"cost":{{{CostText}}}}}""" + "\n\ndata: [DONE]\n\n"),
        true);

    /// <summary>What is left of a key, of the credits and so on, by the name of the question.</summary>
    public static IReadOnlyDictionary<string, ServedAnswer> Figures { get; } = new Dictionary<string, ServedAnswer>
    {
        ["key"] = OfJson(TestData.KeyBody),
        ["credits"] = OfJson(TestData.CreditsBody),
        ["models"] = OfJson("""{"data":[{"id":"some/model","name":"Some model","created":1700000000,"context_length":1000,"architecture":{"modality":"text->text","input_modalities":["text"],"output_modalities":["text"]},"pricing":{"prompt":"0.00001","completion":"0.00002"},"top_provider":{"context_length":1000,"max_completion_tokens":100,"is_moderated":false},"per_request_limits":null,"supported_parameters":[]}]}"""),
        ["generation"] = OfJson($$$"""{"data":{"id":"gen-1","total_cost":{{{CostText}}}}}"""),
    };

    /// <summary>The head with what it says of the body's length.</summary>
    public byte[] WholeHead(int? length = null, string more = "") =>
        Encoding.ASCII.GetBytes(Head + more + (IsStream && length is null ? "Transfer-Encoding: chunked\r\n" : string.Create(CultureInfo.InvariantCulture, $"Content-Length: {length ?? Body.Length}\r\n")) + "\r\n");

    /// <summary>A part of the body as it goes over the wire.</summary>
    public byte[] Part(Range range)
    {
        var part = Body[range];
        return IsStream ? [.. Encoding.ASCII.GetBytes($"{part.Length:x}\r\n"), .. part, .. "\r\n"u8] : part;
    }

    /// <summary>What follows the last part.</summary>
    public byte[] End => IsStream ? "0\r\n\r\n"u8.ToArray() : [];

    public byte[] Whole => [.. WholeHead(), .. Part(..), .. End];

    private static ServedAnswer OfJson(string body) => new(Json, Encoding.UTF8.GetBytes(body), false);
}
