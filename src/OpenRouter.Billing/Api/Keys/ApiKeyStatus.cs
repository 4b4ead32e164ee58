using System.Globalization;

namespace OpenRouter.Billing;

/// <summary>What OpenRouter says about one key: its limits, its spending, its rights.</summary>
/// <remarks>All of it is read from <c>data</c> of <c>GET /key</c>. <see cref="Limit"/> and <see cref="Remaining"/> describe the
/// key's own cap only: the account's balance and the layers in <see cref="Budgets"/> bind it as well.</remarks>
public sealed record ApiKeyStatus
{
    /// <summary>Gets the key's display label, by default its first and last characters.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>label</c>.</remarks>
    public string? Label { get; init; }

    /// <summary>Gets whether the server said anything about the key's own cap.</summary>
    /// <value><see langword="false"/> when the answer had no <c>limit</c>: <see cref="Limit"/> is then unknown, not absent.</value>
    public bool IsLimitKnown { get; init; }

    /// <summary>Gets how much this key may spend in one period.</summary>
    /// <value>US dollars; <see langword="null"/> when the key has no cap (see <see cref="IsLimitKnown"/>).</value>
    /// <remarks>Read from <c>limit</c>.</remarks>
    public decimal? Limit { get; init; }

    /// <summary>Gets how much this key may still spend in the current period.</summary>
    /// <value>US dollars, possibly negative; <see langword="null"/> when the key has no cap, or when the server named only the cap.</value>
    /// <remarks>Read from <c>limit_remaining</c>.</remarks>
    public decimal? Remaining { get; init; }

    /// <summary>Gets how often the cap starts again.</summary>
    /// <value><see langword="null"/> when it never does.</value>
    /// <remarks>Read from <c>limit_reset</c>.</remarks>
    public ResetInterval? Reset { get; init; }

    /// <summary>Gets whether spending through the account's own provider keys eats the cap.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>include_byok_in_limit</c>.</remarks>
    public bool? IncludesByokInLimit { get; init; }

    /// <summary>Gets what this key has spent in credits.</summary>
    /// <remarks>Read from <c>usage</c>, <c>usage_daily</c>, <c>usage_weekly</c>, <c>usage_monthly</c>.</remarks>
    public required KeyUsage Usage { get; init; }

    /// <summary>Gets what this key has spent through the account's own provider keys.</summary>
    /// <remarks>Read from <c>byok_usage</c>, <c>byok_usage_daily</c>, <c>byok_usage_weekly</c>, <c>byok_usage_monthly</c>.</remarks>
    public required KeyUsage ByokUsage { get; init; }

    /// <summary>Gets the account's free-model requests of the day, shared by all its keys.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>free_model_daily_requests</c>.</remarks>
    public FreeModelDailyRequests? FreeModelDailyRequests { get; init; }

    /// <summary>Gets every layer of spending that is checked for this key, in the order of checking.</summary>
    /// <value>Empty when nothing is budgeted; <see langword="null"/> when the server did not say, which is not the same.</value>
    /// <remarks>Read from <c>budgets</c>.</remarks>
    public IReadOnlyList<KeyBudget>? Budgets { get; init; }

    /// <summary>Gets the layer that blocks first.</summary>
    /// <value><see langword="null"/> when nothing is budgeted, or when the server did not say (<see cref="Budgets"/> is then <see langword="null"/> too).</value>
    /// <remarks>Read from <c>effective_budget</c>.</remarks>
    public KeyBudget? EffectiveBudget { get; init; }

    /// <summary>Gets whether the account has never paid. This says nothing about its free-model quota.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>is_free_tier</c>.</remarks>
    public bool? IsFreeTier { get; init; }

    /// <summary>Gets whether this is a management key, which may read the balance but not call models.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>is_management_key</c>, else from its older twin <c>is_provisioning_key</c>.</remarks>
    public bool? IsManagementKey { get; init; }

    /// <summary>Gets when the key stops working.</summary>
    /// <value>UTC; <see langword="null"/> when it never does.</value>
    /// <remarks>Read from <c>expires_at</c>.</remarks>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Gets the member who made the key.</summary>
    /// <value><see langword="null"/> when unknown.</value>
    /// <remarks>Read from <c>creator_user_id</c>.</remarks>
    public string? CreatorUserId { get; init; }

    /// <summary>Gets the organization that owns the key.</summary>
    /// <value><see langword="null"/> for a personal account.</value>
    /// <remarks>Read from <c>organization_id</c>.</remarks>
    public string? OrganizationId { get; init; }

    /// <summary>Gets the workspace that the key spends in.</summary>
    /// <value><see langword="null"/> when none was resolved; this is not the default workspace.</value>
    /// <remarks>Read from <c>workspace_id</c>.</remarks>
    public string? WorkspaceId { get; init; }

    /// <summary>Gets the regions through whose hosts the key may be used, such as <c>global</c>, <c>europe</c>, <c>us</c>.</summary>
    /// <value>Empty when none is allowed; <see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>allowed_data_regions</c>.</remarks>
    public IReadOnlyList<string>? AllowedDataRegions { get; init; }

    /// <summary>Gets the request rate that older servers reported.</summary>
    /// <value><see langword="null"/> when absent. The server calls it dead data; it limits nothing.</value>
    /// <remarks>Read from <c>rate_limit</c>, deprecated.</remarks>
    public LegacyRateLimit? LegacyRateLimit { get; init; }

    /// <summary>Shows the cap and what is left of it. The label is left out: by default it is a part of the key.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{nameof(ApiKeyStatus)} {{ Limit = {Limit}, Remaining = {Remaining}, Reset = {Reset} }}");
}
