using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OpenRouter.Billing.Sandbox;

/// <summary>A key of an account in the sandbox. Thread-safe.</summary>
public sealed class SandboxKey
{
    internal SandboxKey(SandboxAccount account, SandboxKeyOptions options)
    {
        UtcWindow.ThrowIfUnknown(options.LimitReset, nameof(options));
        foreach (SandboxBudget budget in options.Budgets)
        {
            budget.Validate();
        }

        Account = account;
        Secret = options.Secret ?? $"sk-or-v1-{RandomNumberGenerator.GetHexString(64, lowercase: true)}";
        Hash = HashOf(Secret);
        Name = options.Name;
        MaskedSecret = Mask(Secret);
        Limit = options.Limit;
        LimitReset = options.LimitReset;
        IsManagementKey = options.IsManagementKey;
        ExpiresAt = options.ExpiresAt;
        CreatedAt = account.Now;
        CreatorUserId = options.CreatorUserId ?? account.UserId;
        WorkspaceId = options.WorkspaceId ?? account.DefaultWorkspaceId;
        Budgets = [.. options.Budgets];
    }

    /// <summary>Gets the key as a client sends it in <c>Authorization: Bearer</c>.</summary>
    public string Secret { get; }

    /// <summary>Gets the SHA-256 of <see cref="Secret"/> in 64 lower-case hexadecimal digits.</summary>
    public string Hash { get; }

    /// <summary>Gets the name given to the key, or the masked key when none was given.</summary>
    public string Label => Name ?? MaskedSecret;

    /// <summary>Gets whether this is a management key, which may not call models.</summary>
    public bool IsManagementKey { get; }

    /// <summary>Gets the member who made the key.</summary>
    public string CreatorUserId { get; }

    /// <summary>Gets the workspace the key spends in.</summary>
    public string WorkspaceId { get; }

    /// <summary>Gets when the key stops working.</summary>
    /// <value>By the sandbox's clock; <see langword="null"/> for never.</value>
    public DateTimeOffset? ExpiresAt { get; }

    /// <summary>Gets when the spend under <see cref="Limit"/> starts again at zero.</summary>
    /// <value><c>daily</c>, <c>weekly</c>, <c>monthly</c>, or <see langword="null"/> for never.</value>
    public string? LimitReset { get; internal set; }

    /// <summary>Gets or sets the key's own spending cap; a new value counts from the next request.</summary>
    /// <value>US dollars per window; <see langword="null"/> for an uncapped key.</value>
    public decimal? Limit
    {
        get => Account.Locked(_ => field);
        set => Account.Locked(_ => field = value);
    }

    /// <summary>Gets or sets whether the key is refused with 401.</summary>
    public bool Disabled
    {
        get => Account.Locked(_ => field);
        set => Account.Locked(_ => field = value);
    }

    /// <summary>Gets what the key has spent so far.</summary>
    /// <value>US dollars, all time.</value>
    public decimal Usage => Account.Locked(now => NanoDollars.ToUsd(Meter.Spent(null, now)));

    /// <summary>Gets what is left of <see cref="Limit"/> in the running window.</summary>
    /// <value>US dollars, below zero after an overspend; <see langword="null"/> for an uncapped key.</value>
    public decimal? Remaining => Account.Locked(RemainingAt);

    internal SandboxAccount Account { get; }

    internal string? Name { get; set; }

    internal string MaskedSecret { get; }

    internal bool IncludesByok { get; set; }

    internal string? ExternalUser { get; set; }

    internal DateTimeOffset CreatedAt { get; }

    internal DateTimeOffset? UpdatedAt { get; set; }

    internal DateTimeOffset? LastUsedAt { get; set; }

    internal SpendMeter Meter { get; } = new();

    internal IReadOnlyList<SandboxBudget> Budgets { get; }

    internal static string HashOf(string secret) => ToHex(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    internal decimal? RemainingAt(DateTimeOffset now) =>
        Limit is { } limit ? limit - NanoDollars.ToUsd(Meter.Spent(LimitReset, now)) : null;

    private static string ToHex(byte[] bytes) => string.Concat(bytes.Select(b => b.ToString("x2", CultureInfo.InvariantCulture)));

    private static string Mask(string secret) => secret.Length < 16 ? "..." : $"{secret[..12]}...{secret[^3..]}";
}
