using System.Text;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>Bodies that are the same in every run.</summary>
internal static class Inputs
{
    public const string ApiKey = "sk-or-v1-1111111111111111111111111111111111111111111111111111111111111111";
    public const string ManagementKey = "sk-or-v1-2222222222222222222222222222222222222222222222222222222222222222";

    private const string Latin = "Tell me what this costs, please? ";
    private const string Chinese = "请问这要花多少钱？";

    /// <summary>A chat request of about so many bytes in messages of about 65 bytes each, names included.</summary>
    public static byte[] ShortMessages(int bytes, bool isChinese = false)
    {
        var text = isChinese ? Chinese : Latin;
        var body = new StringBuilder("""{"model":"openai/gpt-4o-mini","max_tokens":500,"messages":[""");
        var size = body.Length;
        for (var index = 0; size < bytes - 60; index++)
        {
            var message = $$"""{{(index == 0 ? string.Empty : ",")}}{"role":"{{(index % 2 == 0 ? "user" : "assistant")}}","content":"{{text}}"}""";
            size += Encoding.UTF8.GetByteCount(message);
            body.Append(message);
        }

        return Encoding.UTF8.GetBytes(body.Append("]}").ToString());
    }

    /// <summary>A chat request of about so many bytes in one message.</summary>
    public static byte[] OneMessage(int bytes) => Encoding.UTF8.GetBytes(
        $$"""{"model":"openai/gpt-4o-mini","max_tokens":500,"messages":[{"role":"user","content":"{{Repeat(Latin, bytes - 100)}}"}]}""");

    /// <summary>An answer of so many bytes in one JSON object, which names its cost at the end.</summary>
    public static byte[] JsonAnswer(int bytes) => Encoding.UTF8.GetBytes(
        $$$"""{"id":"gen-1","choices":[{"message":{"role":"assistant","content":"{{{Repeat(Latin, bytes)}}}"}}],"usage":{"prompt_tokens":10,"completion_tokens":20,"cost":0.00042}}""");

    /// <summary>An answer of so many bytes in server-sent events of a few words each, which names its cost in the last.</summary>
    public static byte[] StreamedAnswer(int bytes)
    {
        const string Event = "data: {\"id\":\"gen-1\",\"object\":\"chat.completion.chunk\",\"created\":1790000000,\"model\":\"openai/gpt-4o-mini\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\" what this costs\"},\"finish_reason\":null}]}\n\n";
        const string Last = "data: {\"id\":\"gen-1\",\"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":20,\"cost\":0.00042}}\n\ndata: [DONE]\n\n";
        return Encoding.UTF8.GetBytes(Repeat(Event, bytes) + Last);
    }

    private static string Repeat(string text, int length) => new StringBuilder().Insert(0, text, Math.Max(1, length / text.Length)).ToString();
}
