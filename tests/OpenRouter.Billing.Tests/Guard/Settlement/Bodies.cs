namespace OpenRouter.Billing.Tests.Guard.Settlement;

/// <summary>Answers in the shapes that OpenRouter sends, with contents of our own.</summary>
internal static class Bodies
{
    public const string Chat = """{"id":"gen-1","object":"chat.completion","model":"a/b","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"Vier."}}],"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11,"cost":0.0012345,"is_byok":false,"cost_details":{"upstream_inference_cost":0.5}}}""";
    public const long ChatCost = 1_234_500;

    // Keep-alive white space comes before the answer, and a proxy may have made the object readable.
    public const string KeptAlive = "\n         \n\n         \n{\n  \"id\": \"gen-2\",\n  \"usage\": {\n    \"cost\": 6e-7\n  }\n}\n";
    public const long KeptAliveCost = 600;

    public const string LongTail = """{"id":"gen-3","usage":{"cost":0.0004970133333333333}}""";
    public const long LongTailCost = 497_014;

    public const string ErrorOnly = "\n         \n{\"id\":\"gen-4\",\"error\":{\"message\":\"Upstream error: overloaded\",\"code\":502,\"metadata\":{\"error_type\":\"provider_unavailable\"}}}";

    public const string NoCost = """{"id":"gen-5","choices":[],"usage":{"prompt_tokens":13,"completion_tokens":15,"total_tokens":28,"prompt_tokens_details":null}}""";

    public const string ChatStream = ": OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\n"
        + "data: {\"id\":\"gen-6\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"Vi\"},\"finish_reason\":null}]}\n\n"
        + "data: {\"id\":\"gen-6\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"er \\\"usage\\\":{\\\"cost\\\":9}\"},\"finish_reason\":\"stop\"}]}\n\n"
        + UsageChunk
        + "data: [DONE]\n\n";

    public const string UsageChunk = "data: {\"id\":\"gen-6\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":2,\"cost\":0.00006}}\n\n";
    public const long ChatStreamCost = 60_000;

    public const string ErrorStream = "data: {\"id\":\"gen-7\",\"error\":{\"code\":502,\"message\":\"failed\"},\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},\"finish_reason\":\"error\"}]}\n\n";

    public const string ErrorWithUsageStream = "data: {\"id\":\"gen-8\",\"error\":{\"code\":400,\"message\":\"Token limit reached\"},\"choices\":[{\"finish_reason\":null}],\"usage\":{\"prompt_tokens\":9,\"cost\":0.00001}}\n\ndata: [DONE]\n\n";
    public const long ErrorWithUsageCost = 10_000;

    public const string ResponsesStream = ": \n\ndata: {\"type\":\"response.created\",\"response\":{\"id\":\"gen-9\",\"error\":null,\"usage\":null},\"sequence_number\":0}\n\n"
        + "data: {\"type\":\"response.output_text.delta\",\"delta\":\"Vier\",\"sequence_number\":1}\n\n"
        + "data: {\"type\":\"response.completed\",\"response\":{\"id\":\"gen-9\",\"error\":null,\"output\":[{\"type\":\"message\",\"content\":[{\"text\":\"Vier\"}]}],\"usage\":{\"input_tokens\":9,\"output_tokens\":2,\"cost\":0.0000086}},\"sequence_number\":2}\n\n"
        + "data: [DONE]\n\n";
    public const long ResponsesStreamCost = 8_600;

    public const string MessagesStream = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"gen-10\",\"usage\":{\"input_tokens\":9,\"output_tokens\":0,\"cost\":0.00001}}}\n\n"
        + "event: ping\ndata: {\"type\":\"ping\"}\n\n"
        + "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":12,\"cost\":0.000021}}\n\n"
        + "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\nevent: data\ndata: [DONE]\n\n";
    public const long MessagesStreamCost = 21_000;

    public const string MessagesStreamWithoutCost = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":9}}}\n\nevent: message_delta\ndata: {\"type\":\"message_delta\",\"usage\":{\"output_tokens\":12}}\n\n";

    public const string Byok = """{"id":"gen-11","usage":{"cost":0,"is_byok":true,"cost_details":{"upstream_inference_cost":0.000088}}}""";

    public const string Embeddings = """{"object":"list","data":[{"object":"embedding","embedding":[0.1,-2e-3,3],"index":0}],"model":"b","usage":{"prompt_tokens":4,"total_tokens":4,"cost":8e-8}}""";
    public const long EmbeddingsCost = 80;

    public const string ResponseFailed = """{"id":"gen-12","status":"failed","error":{"code":"server_error","message":"failed"},"output":[],"usage":null}""";
}
