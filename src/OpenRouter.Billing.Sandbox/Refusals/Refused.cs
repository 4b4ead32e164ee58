using System.Globalization;

namespace OpenRouter.Billing.Sandbox;

/// <summary>Every refusal the sandbox knows, with the sentences that clients meet in the wild.</summary>
internal static class Refused
{
    private const string CreditsPage = "https://openrouter.ai/settings/credits";
    private const string CreditsHint = $"Add credits at {CreditsPage}, or lower max_tokens / prompt size to fit your remaining balance.";
    private const string KeyHint = "Raise or remove this API key's usage limit at https://openrouter.ai/settings/keys, or use a key without a limit.";

    public static Refusal MissingHeader { get; } = new(401, "Missing Authentication header");

    public static Refusal UnknownKey { get; } = new(401, "User not found.");

    public static Refusal DisabledKey { get; } = new(401, "API key is disabled.");

    public static Refusal ExpiredKey { get; } = new(401, "API key has expired.");

    public static Refusal ManagementKeysOnly { get; } = new(403, "Only management keys can perform this operation");

    /// <summary>The same, from operations that declare no 403.</summary>
    public static Refusal NoManagementKey { get; } = new(401, "Only management keys can perform this operation");

    public static Refusal TooManyDatasetCalls { get; } = new(429, "Rate limit exceeded");

    public static Refusal NoInferenceWithManagementKey { get; } = new(403, "Management keys cannot be used for inference");

    public static Refusal NotFound { get; } = new(404, "Resource not found");

    public static Refusal UnknownWorkspace { get; } = new(404, "Workspace not found");

    public static Refusal PayloadTooLarge { get; } = new(413, "Request payload too large");

    public static Refusal NoInput { get; } = new(400, "Input must have at least 1 token.") { NamesNoProvider = true };

    public static Refusal NoModel { get; } = new(400, "No models provided");

    public static Refusal BadParameters { get; } = new(400, "Invalid request parameters");

    public static Refusal WorkspaceHasKeys { get; } = new(400, "Cannot delete a workspace that has active API keys.");

    public static Refusal DefaultWorkspaceUnconfirmed { get; } = new(400, "Deleting the default workspace must be confirmed with confirm_default_workspace_deletion=true.");

    public static Refusal NoDefaultWorkspace { get; } = new(400, "The account has no default workspace: name one in workspace_id.");

    public static Refusal SlugTaken { get; } = new(400, "A workspace with this slug already exists.");

    public static Refusal MemberHasKeys { get; } = new(400, "Cannot remove a member who has active API keys in this workspace.");

    public static Refusal LimitWithoutInterval { get; } = new(400, "limit_usd and reset_interval must be set together.");

    public static Refusal BudgetOrder((string Name, decimal Limit) broad, (string Name, decimal Limit) narrow) => new(400, Text(
        $"Budget limits must be strictly decreasing as scope narrows: the {broad.Name} limit (${broad.Limit:0.##}) must be greater than the {narrow.Name} limit (${narrow.Limit:0.##})."));

    public static Refusal UnknownModel(string id) => new(400, $"{id} is not a valid model ID");

    public static Refusal UnknownGeneration(string id) => new(404, $"Generation {id} not found");

    public static Refusal ContextTooLong(SandboxQuote quote) => new(400, Text(
        $"This endpoint's maximum context length is {quote.Model.ContextLength} tokens. However, you requested about {quote.PromptTokens} tokens ({quote.PromptTokens} of text input). Please reduce the length of either one."))
    {
        NamesNoProvider = true,
    };

    public static Refusal BudgetSpent(BudgetStanding budget, SandboxKey key) => budget.Scope switch
    {
        SandboxBudget.KeyLimitScope => new(403, $"Key limit exceeded ({Word(budget.ResetInterval)} limit). Manage it using {KeyPage(key)}")
        {
            LimitSource = "openrouter_key_limit",
            RemedyHint = KeyHint,
            Budget = budget,
        },
        SandboxBudget.WorkspaceScope => new(403, Text($"Workspace {budget.ResetInterval ?? "lifetime"} budget of ${budget.Limit:0.00} exceeded. Contact your org admin."))
        {
            LimitSource = "openrouter_workspace_budget",
            Budget = budget,
        },
        _ => new(403, $"Budget limit exceeded ({Word(budget.ResetInterval)} limit). Contact your org admin.")
        {
            LimitSource = "openrouter_guardrail_budget",
            Budget = budget,
        },
    };

    public static Refusal NoCredits { get; } = new(402, $"Insufficient credits. Add more using {CreditsPage}")
    {
        LimitSource = "openrouter_credits",
        RemedyHint = CreditsHint,
    };

    /// <summary>Seen only without metadata: a client has to know it by its words.</summary>
    public static Refusal NeverFunded { get; } = new(402, $"Insufficient credits. This account never purchased credits. Make sure your key is on the correct account or org, and if so, purchase more at {CreditsPage}");

    public static Refusal FreeDay(int limit, bool highBalance, DateTimeOffset resetsAt) => new(429, highBalance
        ? "Rate limit exceeded: free-models-per-day-high-balance. "
        : "Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day")
    {
        LimitSource = "openrouter_free_tier_daily",
        RemedyHint = highBalance
            ? "Wait for the daily reset (see X-RateLimit-Reset)"
            : "Wait for the daily reset (see X-RateLimit-Reset), or purchase credits to raise your free-model daily limit.",
        Headers = RateLimit(limit, resetsAt),
        NamesNoProvider = true,
    };

    public static Refusal FreeMinute(int limit, DateTimeOffset resetsAt) => new(429, "Rate limit exceeded: free-models-per-min. ")
    {
        Headers = RateLimit(limit, resetsAt),
        NamesNoProvider = true,
    };

    public static Refusal TooExpensive(int requested, long affordable, bool everFunded) => new(402, Text(
        $"This request requires more credits, or fewer max_tokens. You requested up to {requested} tokens, but can only afford {affordable}. To increase, visit {CreditsPage} and {(everFunded ? "add more credits" : "upgrade to a paid account")}"))
    {
        LimitSource = "openrouter_credits",
        RemedyHint = CreditsHint,
        NamesNoProvider = true,
    };

    public static Refusal TooExpensiveForKey(int requested, long affordable, SandboxKey key) => new(402, Text(
        $"This request requires more credits, or fewer max_tokens. You requested up to {requested} tokens, but can only afford {affordable}. To increase, visit {KeyPage(key)} and adjust the key's {Word(key.LimitReset)} limit"))
    {
        LimitSource = "openrouter_key_limit",
        RemedyHint = KeyHint,
        NamesNoProvider = true,
    };

    public static Refusal PromptTooExpensive(int tokens, long affordable, bool everFunded) => new(402, Text(
        $"Prompt tokens limit exceeded: {tokens} > {affordable}. To increase, visit {CreditsPage} and {(everFunded ? "add more credits" : "upgrade to a paid account")}"))
    {
        LimitSource = "openrouter_credits",
        RemedyHint = CreditsHint,
    };

    public static Refusal PromptTooExpensiveForKey(int tokens, long affordable, SandboxKey key) => new(402, Text(
        $"Prompt tokens limit exceeded: {tokens} > {affordable}. To increase, visit {KeyPage(key)} and create a key with a higher {Word(key.LimitReset)} limit"))
    {
        LimitSource = "openrouter_key_limit",
        RemedyHint = KeyHint,
    };

    public static Refusal InFlight(TimeSpan retryAfter) => new(402, "This request would exceed your available credits given your current in-flight requests. Retry after in-flight requests settle, or add credits.")
    {
        Reason = "in_flight_budget_exhausted",
        LimitSource = "openrouter_in_flight_budget",
        RemedyHint = $"Retry after your in-flight requests settle (see the Retry-After header). Adding credits at {CreditsPage} raises your in-flight budget, up to a capped ceiling.",
        Headers = new Dictionary<string, string> { ["Retry-After"] = Text($"{(long)Math.Ceiling(retryAfter.Ticks / (decimal)TimeSpan.TicksPerSecond)}") },
        SendsHeaders = true,
    };

    public static Refusal TooHeavyForInFlight { get; } = new(402, "This request alone exceeds your in-flight budget. Lower max_tokens, or add credits.")
    {
        Reason = "weight_exceeds_budget",
        LimitSource = "openrouter_credits",
        RemedyHint = CreditsHint,
    };

    /// <summary>The limit's word in sentences, where a limit without reset is called total.</summary>
    private static string Word(string? resetInterval) => resetInterval ?? "total";

    private static string KeyPage(SandboxKey key) => $"https://openrouter.ai/workspaces/default/keys/{key.Hash}";

    private static Dictionary<string, string> RateLimit(int limit, DateTimeOffset resetsAt) => new()
    {
        ["X-RateLimit-Limit"] = Text($"{limit}"),
        ["X-RateLimit-Remaining"] = "0",
        ["X-RateLimit-Reset"] = Text($"{resetsAt.ToUnixTimeMilliseconds()}"),
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
