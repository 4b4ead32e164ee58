using System.Text.Json.Serialization;

namespace OpenRouter.Billing.Wire;

/// <summary>The body of <c>GET /key</c>.</summary>
internal sealed record CurrentKeyPayload : IWirePayload
{
    public Key? Data { get; init; }

    public string? FindMissing() => Data is null ? "data" : null;

    public ApiKeyStatus ToApiKeyStatus()
    {
        var key = Data!;
        return new ApiKeyStatus
        {
            Label = key.Label,
            IsLimitKnown = key.Limit.WasSent,
            Limit = key.Limit.Value,
            Remaining = key.LimitRemaining,
            Reset = ToInterval(key.LimitReset),
            IncludesByokInLimit = key.IncludeByokInLimit,
            Usage = new KeyUsage { Total = key.Usage, Today = key.UsageDaily, ThisWeek = key.UsageWeekly, ThisMonth = key.UsageMonthly },
            ByokUsage = new KeyUsage { Total = key.ByokUsage, Today = key.ByokUsageDaily, ThisWeek = key.ByokUsageWeekly, ThisMonth = key.ByokUsageMonthly },
            FreeModelDailyRequests = key.FreeModelDailyRequests?.ToFreeModelDailyRequests(),
            Budgets = key.Budgets?.OfType<Budget>().Select(budget => budget.ToKeyBudget()).ToArray(),
            EffectiveBudget = key.EffectiveBudget?.ToKeyBudget(),
            IsFreeTier = key.IsFreeTier,
            IsManagementKey = key.IsManagementKey ?? key.IsProvisioningKey,
            ExpiresAt = key.ExpiresAt,
            CreatorUserId = key.CreatorUserId,
            OrganizationId = key.OrganizationId,
            WorkspaceId = key.WorkspaceId,
            AllowedDataRegions = key.AllowedDataRegions?.OfType<string>().ToArray(),
            LegacyRateLimit = key.RateLimit is { } rate ? new LegacyRateLimit { Requests = rate.Requests, Interval = rate.Interval } : null,
        };
    }

    /// <summary>Says the same of a key as it was read, but for its label and for what limits nothing.</summary>
    public static Key From(ApiKeyStatus status) => new()
    {
        Limit = new Sent<decimal?>(status.Limit, status.IsLimitKnown),
        LimitRemaining = status.Remaining,
        LimitReset = status.Reset?.Value,
        IncludeByokInLimit = status.IncludesByokInLimit,
        Usage = status.Usage.Total,
        UsageDaily = status.Usage.Today,
        UsageWeekly = status.Usage.ThisWeek,
        UsageMonthly = status.Usage.ThisMonth,
        ByokUsage = status.ByokUsage.Total,
        ByokUsageDaily = status.ByokUsage.Today,
        ByokUsageWeekly = status.ByokUsage.ThisWeek,
        ByokUsageMonthly = status.ByokUsage.ThisMonth,
        FreeModelDailyRequests = status.FreeModelDailyRequests is { } free ? new FreeRequests(free.Used, free.Limit, free.Remaining) : null,
        Budgets = status.Budgets?.Select(Budget.From).ToArray(),
        EffectiveBudget = status.EffectiveBudget is { } effective ? Budget.From(effective) : null,
        IsFreeTier = status.IsFreeTier,
        IsManagementKey = status.IsManagementKey,
        ExpiresAt = status.ExpiresAt,
        CreatorUserId = status.CreatorUserId,
        OrganizationId = status.OrganizationId,
        WorkspaceId = status.WorkspaceId,
        AllowedDataRegions = status.AllowedDataRegions,
    };

    private static ResetInterval? ToInterval(string? word) => word is null ? null : new ResetInterval(word);

    internal sealed record Key
    {
        [JsonConverter(typeof(OrNullConverter<string>))]
        public string? Label { get; init; }

        [JsonConverter(typeof(SentDecimalConverter))]
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public Sent<decimal?> Limit { get; init; }

        public decimal? LimitRemaining { get; init; }

        public string? LimitReset { get; init; }

        [JsonConverter(typeof(OrNullConverter<bool?>))]
        public bool? IncludeByokInLimit { get; init; }

        [JsonConverter(typeof(OrNullConverter<decimal?>))]
        public decimal? Usage { get; init; }

        [JsonConverter(typeof(OrNullConverter<decimal?>))]
        public decimal? UsageDaily { get; init; }

        [JsonConverter(typeof(OrNullConverter<decimal?>))]
        public decimal? UsageWeekly { get; init; }

        [JsonConverter(typeof(OrNullConverter<decimal?>))]
        public decimal? UsageMonthly { get; init; }

        [JsonConverter(typeof(OrNullConverter<decimal?>))]
        public decimal? ByokUsage { get; init; }

        [JsonConverter(typeof(OrNullConverter<decimal?>))]
        public decimal? ByokUsageDaily { get; init; }

        [JsonConverter(typeof(OrNullConverter<decimal?>))]
        public decimal? ByokUsageWeekly { get; init; }

        [JsonConverter(typeof(OrNullConverter<decimal?>))]
        public decimal? ByokUsageMonthly { get; init; }

        [JsonConverter(typeof(OrNullConverter<bool?>))]
        public bool? IsFreeTier { get; init; }

        [JsonConverter(typeof(OrNullConverter<FreeRequests>))]
        public FreeRequests? FreeModelDailyRequests { get; init; }

        [JsonConverter(typeof(OrNullConverter<IReadOnlyList<string?>>))]
        public IReadOnlyList<string?>? AllowedDataRegions { get; init; }

        [JsonConverter(typeof(OrNullConverter<string>))]
        public string? OrganizationId { get; init; }

        [JsonConverter(typeof(OrNullConverter<string>))]
        public string? WorkspaceId { get; init; }

        public IReadOnlyList<Budget?>? Budgets { get; init; }

        public Budget? EffectiveBudget { get; init; }

        public bool? IsManagementKey { get; init; }

        public bool? IsProvisioningKey { get; init; }

        [JsonConverter(typeof(OrNullConverter<string>))]
        public string? CreatorUserId { get; init; }

        [JsonConverter(typeof(OrNullConverter<DateTimeOffset?>))]
        public DateTimeOffset? ExpiresAt { get; init; }

        [JsonConverter(typeof(OrNullConverter<RequestRate>))]
        public RequestRate? RateLimit { get; init; }
    }

    internal sealed record FreeRequests(long? Used, long? Limit, long? Remaining)
    {
        public FreeModelDailyRequests ToFreeModelDailyRequests() =>
            new() { Used = Used, Limit = Limit, Remaining = Remaining ?? Limit - Used };
    }

    internal sealed record Budget
    {
        public string? Scope { get; init; }

        public decimal? LimitUsd { get; init; }

        public decimal? SpendUsd { get; init; }

        public decimal? RemainingUsd { get; init; }

        public string? ResetInterval { get; init; }

        public DateTimeOffset? ResetsAt { get; init; }

        public bool? IncludeByok { get; init; }

        public string? GuardrailId { get; init; }

        public string? BudgetId { get; init; }

        public static Budget From(KeyBudget budget) => new()
        {
            Scope = budget.Scope.Value,
            LimitUsd = budget.Limit,
            SpendUsd = budget.Spent,
            RemainingUsd = budget.Remaining,
            ResetInterval = budget.Reset?.Value,
            ResetsAt = budget.ResetsAt,
            IncludeByok = budget.IncludesByok,
            GuardrailId = budget.GuardrailId,
            BudgetId = budget.BudgetId,
        };

        public KeyBudget ToKeyBudget() => new()
        {
            Scope = new BudgetScope(Scope ?? string.Empty),
            Limit = LimitUsd,
            Spent = SpendUsd,
            Remaining = RemainingUsd ?? LimitUsd - SpendUsd,
            Reset = ToInterval(ResetInterval),
            ResetsAt = ResetsAt,
            IncludesByok = IncludeByok,
            GuardrailId = GuardrailId,
            BudgetId = BudgetId,
        };
    }

    internal sealed record RequestRate(long? Requests, string? Interval);

}
