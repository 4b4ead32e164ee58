using System.Globalization;
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
    public static byte[] OneMessage(int bytes, bool isChinese = false) => Encoding.UTF8.GetBytes(
        $$"""{"model":"openai/gpt-4o-mini","max_tokens":500,"messages":[{"role":"user","content":"{{(isChinese ? Repeat(Chinese, (bytes - 100) / 3) : Repeat(Latin, bytes - 100))}}"}]}""");

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

    /// <summary>Activity of 30 days: 60 models on a few providers in 8 workspaces, as a large account has it.</summary>
    public static byte[] Activity(int rows)
    {
        var body = new StringBuilder("""{"data":[""");
        for (var row = 0; row < rows; row++)
        {
            var (model, workspace) = (row % 60, row / 60 % 8);
            var cost = (((row * 7919L) % 999_983) + 1) / 1_000_000m;
            body.Append(row == 0 ? string.Empty : ",").Append(CultureInfo.InvariantCulture, $$"""
                {"date":"{{new DateOnly(2026, 10, 1).AddDays(row * 30 / rows):yyyy-MM-dd}}","model":"vendor-{{model % 12}}/model-{{model}}","model_permaslug":"vendor-{{model % 12}}/model-{{model}}-2026-04-14","endpoint_id":"550e8400-e29b-41d4-a716-4466554400{{model}}","provider_name":"Provider {{model % 15}}","usage":{{cost}},"byok_usage_inference":{{(row % 9 == 0 ? cost / 4 : 0)}},"requests":{{row % 977}},"prompt_tokens":{{row * 31 % 90_001}},"completion_tokens":{{row * 17 % 30_011}},"reasoning_tokens":{{row % 5 * 100}},"workspace_id":"0df9e665-d932-5740-b2c7-b52af166bc1{{workspace}}"}
                """);
        }

        return Encoding.UTF8.GetBytes(body.Append("]}").ToString());
    }

    /// <summary>A catalogue of so many models with their prices, and about as much text for people as the real one has.</summary>
    public static byte[] Models(int count)
    {
        var body = new StringBuilder("""{"data":[""");
        for (var model = 0; model < count; model++)
        {
            var price = (model % 97 + 1) * 0.00000005m;
            body.Append(model == 0 ? string.Empty : ",").Append(CultureInfo.InvariantCulture, $$$"""
                {"id":"vendor-{{{model % 40}}}/model-{{{model}}}{{{(model % 12 == 0 ? ":free" : string.Empty)}}}","canonical_slug":"vendor-{{{model % 40}}}/model-{{{model}}}-2026-04-14","name":"Vendor {{{model % 40}}}: Model {{{model}}}","created":{{{1770000000 + model}}},"description":"{{{Repeat(Latin, 330)}}}","context_length":{{{model % 9 * 32768 + 8192}}},"architecture":{"modality":"text->text","input_modalities":["text","image"],"output_modalities":["text"],"tokenizer":"Other"},"pricing":{"prompt":"{{{price}}}","completion":"{{{4 * price}}}","request":"0","input_cache_read":"{{{price / 4}}}"},"top_provider":{"context_length":{{{model % 9 * 32768 + 8192}}},"max_completion_tokens":{{{model % 4 * 4096 + 4096}}},"is_moderated":false},"supported_parameters":["max_tokens","temperature","tools","tool_choice","response_format","seed"]}
                """);
        }

        return Encoding.UTF8.GetBytes(body.Append("]}").ToString());
    }

    /// <summary>A failed answer of a kind.</summary>
    public static byte[] Failure(string kind) => Encoding.UTF8.GetBytes(kind switch
    {
        "402 too dear" => """{"error":{"message":"This request requires more credits, or a lower max_tokens: it asked for up to 32000 tokens and affords 27342. See https://localhost/settings/credits","code":402,"metadata":{"limit_source":"openrouter_credits"}},"user_id":"user_1"}""",
        "403 key spent" => """{"error":{"message":"Key limit exceeded (monthly limit). See https://localhost/settings/keys","code":403,"metadata":{"limit_source":"openrouter_key_limit","limit_usd":20,"spent_usd":20.05}}}""",
        "429 free day" => """{"error":{"message":"Rate limit exceeded: free-models-per-day.","code":429,"metadata":{"headers":{"X-RateLimit-Limit":"50","X-RateLimit-Remaining":"0","X-RateLimit-Reset":"1790899200000"}}},"user_id":"user_1"}""",
        _ => """{"error":{"message":"The provider returned an error.","code":502,"metadata":{"provider_name":"Provider 1","raw":"overloaded"}}}""",
    });

    private static string Repeat(string text, int length) => new StringBuilder().Insert(0, text, Math.Max(1, length / text.Length)).ToString();
}
