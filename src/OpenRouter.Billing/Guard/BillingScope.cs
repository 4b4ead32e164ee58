namespace OpenRouter.Billing.Guard;

/// <summary>On whose behalf requests are made, so that the app's own budgets know whom to count.</summary>
/// <remarks>
/// Ambient, for everything that is awaited inside:
/// <code>
/// using (BillingScope.Begin(new BillingScope { Project = "search", Member = userId }))
/// {
///     await http.PostAsJsonAsync("chat/completions", chat);
/// }
/// </code>
/// or for one request, with <c>request.SetBillingScope(…)</c>. What an inner scope does not name is taken from the outer one.
/// OpenRouter is told nothing of it.
/// </remarks>
public sealed record BillingScope
{
    private static readonly AsyncLocal<BillingScope?> Ambient = new();

    /// <summary>Gets the scope of whatever runs here.</summary>
    /// <value>One that names nobody when none was begun.</value>
    public static BillingScope Current => Ambient.Value ?? Nobody;

    /// <summary>Gets the project, which may be any part of the app.</summary>
    /// <value><see langword="null"/> for none.</value>
    public string? Project { get; init; }

    /// <summary>Gets the member: a user, a tenant, a team.</summary>
    /// <value><see langword="null"/> for none. It stands in the ledger as it is, so use an identifier rather than a name.</value>
    public string? Member { get; init; }

    /// <summary>Gets the workspace, which need not be one of OpenRouter's.</summary>
    /// <value><see langword="null"/> for none.</value>
    public string? Workspace { get; init; }

    internal static BillingScope Nobody { get; } = new();

    /// <summary>Begins a scope that lasts until it is disposed.</summary>
    /// <param name="scope">On whose behalf; what it does not name stays as it is outside.</param>
    /// <returns>Ends the scope when disposed.</returns>
    public static IDisposable Begin(BillingScope scope)
    {
        ArgumentNullException.ThrowIfNull(scope);
        var ended = new Ended(Ambient.Value);
        Ambient.Value = scope.Within(Current);
        return ended;
    }

    /// <summary>Fills in from an outer scope what this one does not name.</summary>
    internal BillingScope Within(BillingScope outer) => ReferenceEquals(outer, Nobody) ? this : new()
    {
        Project = Project ?? outer.Project,
        Member = Member ?? outer.Member,
        Workspace = Workspace ?? outer.Workspace,
    };

    private sealed class Ended(BillingScope? outer) : IDisposable
    {
        private bool _isOver;

        // A second time would end whatever scope has begun since.
        public void Dispose()
        {
            if (!_isOver)
            {
                (_isOver, Ambient.Value) = (true, outer);
            }
        }
    }
}
