namespace OpenRouter.Billing.Sandbox;

/// <summary>The models listed when the options name no others: ids and prices as OpenRouter published them in October 2026.</summary>
internal static class DefaultModels
{
    public static IReadOnlyList<SandboxModel> All { get; } =
    [
        new() { Id = "openai/gpt-4o-mini", PromptPrice = 0.00000015m, CompletionPrice = 0.0000006m, CacheReadPrice = 0.000000075m, ContextLength = 128_000, MaxCompletionTokens = 16_384, Provider = "OpenAI" },
        new() { Id = "openai/gpt-5.2", CanonicalSlug = "openai/gpt-5.2-20251211", PromptPrice = 0.00000175m, CompletionPrice = 0.000014m, WebSearchPrice = 0.01m, CacheReadPrice = 0.000000175m, ContextLength = 400_000, MaxCompletionTokens = 128_000, Provider = "OpenAI" },
        new() { Id = "openai/gpt-5-nano", CanonicalSlug = "openai/gpt-5-nano-2025-08-07", PromptPrice = 0.00000005m, CompletionPrice = 0.0000004m, WebSearchPrice = 0.01m, CacheReadPrice = 0.00000001m, ContextLength = 400_000, Provider = "OpenAI" },
        new() { Id = "openai/gpt-6-luna-pro", CanonicalSlug = "openai/gpt-6-luna-pro-20260922", PromptPrice = 0.0000001m, CompletionPrice = 0.0000005m, WebSearchPrice = 0.01m, CacheReadPrice = 0.00000001m, CacheWritePrice = 0.000000125m, LongPromptTokens = 272_000, LongPromptPrice = 0.0000002m, LongCompletionPrice = 0.00000075m, ContextLength = 1_050_000, MaxCompletionTokens = 128_000, Provider = "OpenAI" },
        new() { Id = "anthropic/claude-haiku-4.5", CanonicalSlug = "anthropic/claude-4.5-haiku-20251001", PromptPrice = 0.000001m, CompletionPrice = 0.000005m, WebSearchPrice = 0.01m, CacheReadPrice = 0.0000001m, CacheWritePrice = 0.00000125m, ContextLength = 200_000, MaxCompletionTokens = 64_000, Provider = "Anthropic" },
        new() { Id = "anthropic/claude-sonnet-4.6", CanonicalSlug = "anthropic/claude-4.6-sonnet-20260217", PromptPrice = 0.000003m, CompletionPrice = 0.000015m, WebSearchPrice = 0.01m, CacheReadPrice = 0.0000003m, CacheWritePrice = 0.00000375m, ContextLength = 1_000_000, MaxCompletionTokens = 128_000, Provider = "Anthropic" },
        new() { Id = "google/gemini-2.5-flash", PromptPrice = 0.0000003m, CompletionPrice = 0.0000025m, WebSearchPrice = 0.014m, CacheReadPrice = 0.00000003m, CacheWritePrice = 0.00000008333333333333334m, ContextLength = 1_048_576, MaxCompletionTokens = 65_535, Provider = "Google" },
        new() { Id = "deepseek/deepseek-chat", CanonicalSlug = "deepseek/deepseek-chat-v3", PromptPrice = 0.0000002002m, CompletionPrice = 0.0000008001m, ContextLength = 128_000, MaxCompletionTokens = 16_000, Provider = "DeepSeek" },
        new() { Id = "meta-llama/llama-3.3-70b-instruct", PromptPrice = 0.0000001m, CompletionPrice = 0.00000032m, ContextLength = 131_072, MaxCompletionTokens = 16_384, Provider = "DeepInfra" },
        new() { Id = "meta-llama/llama-3.3-70b-instruct:free", CanonicalSlug = "meta-llama/llama-3.3-70b-instruct", PromptPrice = 0m, CompletionPrice = 0m, ContextLength = 65_536, Provider = "DeepInfra" },
        new() { Id = "google/gemma-4-31b-it:free", CanonicalSlug = "google/gemma-4-31b-it-20260402", PromptPrice = 0m, CompletionPrice = 0m, ContextLength = 262_144, MaxCompletionTokens = 8_192, Provider = "Google" },
        new() { Id = "openai/gpt-oss-120b:free", CanonicalSlug = "openai/gpt-oss-120b", PromptPrice = 0m, CompletionPrice = 0m, ContextLength = 131_072, MaxCompletionTokens = 131_072, Provider = "OpenAI" },
        new() { Id = "openai/gpt-oss-20b:free", CanonicalSlug = "openai/gpt-oss-20b", PromptPrice = 0m, CompletionPrice = 0m, ContextLength = 131_072, MaxCompletionTokens = 32_768, Provider = "OpenAI" },
        new() { Id = "qwen/qwen3-coder:free", CanonicalSlug = "qwen/qwen3-coder-480b-a35b-07-25", PromptPrice = 0m, CompletionPrice = 0m, ContextLength = 262_000, MaxCompletionTokens = 262_000, Provider = "Alibaba" },
        new() { Id = "nvidia/nemotron-3-nano-30b-a3b:free", CanonicalSlug = "nvidia/nemotron-3-nano-30b-a3b", PromptPrice = 0m, CompletionPrice = 0m, ContextLength = 256_000, Provider = "NVIDIA" },
        new() { Id = "openrouter/auto", PromptPrice = -1m, CompletionPrice = -1m, ContextLength = 2_000_000, Provider = "OpenRouter", RoutesTo = "openai/gpt-4o-mini" },
    ];
}
