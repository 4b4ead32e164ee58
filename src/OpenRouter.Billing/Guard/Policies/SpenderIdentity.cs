namespace OpenRouter.Billing.Guard;

/// <summary>Who spends, as far as one limit is concerned.</summary>
/// <param name="Kind">What kind of spender.</param>
/// <param name="Identity">Tells one spender from another, also of another kind.</param>
/// <param name="Name">What the app calls it; null for the app itself, accounts and keys.</param>
internal readonly record struct SpenderIdentity(Spender Kind, string Identity, string? Name)
{
    /// <summary>Finds the spender of a kind; null when the request has none such.</summary>
    public static SpenderIdentity? Of(Spender kind, BillingScope scope, AccountSnapshot account) => kind switch
    {
        Spender.App => new(kind, "app", null),
        Spender.Account => new(kind, "account/" + account.AccountId, null),
        Spender.Key => new(kind, "key/" + account.KeyHash, null),
        Spender.Project => Named(kind, "project/", scope.Project),
        Spender.Member => Named(kind, "member/", scope.Member),
        Spender.Workspace => Named(kind, "workspace/", scope.Workspace),
        _ => null,
    };

    /// <summary>"Daily, Project 'search'".</summary>
    public string Describe(string window) => Name is null ? $"{window}, {Kind}" : $"{window}, {Kind} '{Name}'";

    private static SpenderIdentity? Named(Spender kind, string prefix, string? name) => string.IsNullOrEmpty(name) ? null : new(kind, prefix + name, name);
}
