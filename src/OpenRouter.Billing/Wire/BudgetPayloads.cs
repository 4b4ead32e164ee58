using System.Text.Json.Serialization;

namespace OpenRouter.Billing.Wire;

/// <summary>The body of <c>GET /workspaces/{id}/budgets</c>.</summary>
internal sealed record BudgetsPayload : IWirePayload
{
    public IReadOnlyList<BudgetItem?>? Data { get; init; }

    [JsonConverter(typeof(OrNullConverter<bool?>))]
    public bool? IncludeByokInBudgets { get; init; }

    // A budget without its numbers can be held against no rule.
    public string? FindMissing() => Data is null ? "data" : Data.Any(item => item?.Id is null) ? "data[].id" : null;

    public WorkspaceBudgets ToWorkspaceBudgets() => new()
    {
        Budgets = Data!.Select(item => item!.ToModel()).ToArray(),
        IncludesByok = IncludeByokInBudgets,
    };
}

/// <summary>One budget of a workspace.</summary>
internal sealed record BudgetItem : IWireItem<WorkspaceBudget>
{
    public static string IdentityName => "id";

    [JsonIgnore]
    public string? Identity => Id;

    public string? Id { get; init; }

    [JsonConverter(typeof(OrNullConverter<string>))]
    public string? WorkspaceId { get; init; }

    public decimal? LimitUsd { get; init; }

    [JsonConverter(typeof(ChangeConverter<string>))]
    public Change<string?> ResetInterval { get; init; }

    [JsonConverter(typeof(OrNullConverter<DateTimeOffset?>))]
    public DateTimeOffset? CreatedAt { get; init; }

    [JsonConverter(typeof(OrNullConverter<DateTimeOffset?>))]
    public DateTimeOffset? UpdatedAt { get; init; }

    public WorkspaceBudget ToModel() => new()
    {
        Id = Id!,
        WorkspaceId = WorkspaceId,
        Limit = LimitUsd,
        Interval = ResetInterval switch
        {
            { IsSet: false } => new BudgetInterval(string.Empty),
            { Value: { } word } => new BudgetInterval(word),
            _ => BudgetInterval.Lifetime,
        },
        CreatedAt = CreatedAt,
        UpdatedAt = UpdatedAt,
    };
}

/// <summary>What <c>PUT /workspaces/{id}/budgets/{interval}</c> is sent.</summary>
internal sealed record BudgetChangePayload(decimal LimitUsd)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? IncludeByokInBudgets { get; init; }
}
