namespace OpenRouter.Billing.Sandbox;

/// <summary>Describes a key that <see cref="SandboxAccount.CreateKey"/> makes.</summary>
public sealed class SandboxKeyOptions
{
    /// <summary>Gets or sets the key's name.</summary>
    /// <value><see langword="null"/> (the default) leaves the masked key as its label.</value>
    public string? Name { get; set; }

    /// <summary>Gets or sets the key itself, for tests that need a fixed one.</summary>
    /// <value><see langword="null"/> (the default) for <c>sk-or-v1-</c> and 64 random hexadecimal digits.</value>
    public string? Secret { get; set; }

    /// <summary>Gets or sets whether this is a management key, which may read <c>/credits</c> and <c>/activity</c> but not call models.</summary>
    /// <value><see langword="false"/> by default.</value>
    public bool IsManagementKey { get; set; }

    /// <summary>Gets or sets the key's own spending cap.</summary>
    /// <value>US dollars per window; <see langword="null"/> (the default) for an uncapped key.</value>
    public decimal? Limit { get; set; }

    /// <summary>Gets or sets when the spend under <see cref="Limit"/> starts again at zero.</summary>
    /// <value><c>daily</c>, <c>weekly</c>, <c>monthly</c>, or <see langword="null"/> (the default) for never.</value>
    public string? LimitReset { get; set; }

    /// <summary>Gets or sets when the key stops working.</summary>
    /// <value>By the sandbox's clock; <see langword="null"/> (the default) for never.</value>
    public DateTimeOffset? ExpiresAt { get; set; }

    /// <summary>Gets or sets the member who made the key; member budgets count all keys of one member together.</summary>
    /// <value><see langword="null"/> (the default) for the account's owner.</value>
    public string? CreatorUserId { get; set; }

    /// <summary>Gets or sets the workspace the key spends in.</summary>
    /// <value><see langword="null"/> (the default) for the account's default workspace.</value>
    public string? WorkspaceId { get; set; }

    /// <summary>Gets the budgets that bind this key alone; those for many keys go to <see cref="SandboxAccount.AddBudget"/>.</summary>
    public IList<SandboxBudget> Budgets { get; } = [];
}
