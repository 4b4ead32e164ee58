namespace OpenRouter.Billing.Guard;

/// <summary>What OpenRouter itself has refused requests by, shared by every caller below the same limit until it opens. Safe for concurrent use.</summary>
/// <remarks>
/// A limit opens at the instant that OpenRouter named, or once figures show room that are newer than the refusal by at least
/// <see cref="BillingGuardOptions.MaxRefusalReadingAge"/>: right after a refusal they may be as late as the server's own. Where
/// neither is told, the next request after that time is let out, and OpenRouter decides again; so it does about what was refused
/// by a clock that has been set back since.
/// </remarks>
internal sealed class ClosedLimits
{
    /// <summary>The most limits that are remembered; beyond, the oldest is forgotten and OpenRouter says it again.</summary>
    public const int Capacity = 1000;

    // What running requests hold and what a minute holds comes free sooner. A longer wait is taken for an error of somebody's,
    // and must not shut all requests out that no figure could let in again.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(15);

    // More than any decision takes: a refusal from a later time than now was noted by a clock that has been set back since.
    private static readonly TimeSpan ClockWasSet = TimeSpan.FromMinutes(1);

    private readonly object _gate = new();
    private readonly Dictionary<string, ClosedLimit> _limits = new(StringComparer.Ordinal);
    private volatile int _count;

    /// <summary>Gets how many limits are remembered.</summary>
    public int Count => _count;

    /// <summary>Closes the limit that a refusal names. One that names none, or only a kind of content, closes nothing.</summary>
    public void Close(BillingVerdict said, BillingPolicyContext context)
    {
        if (Identify(said, context.Snapshot) is not { } identity)
        {
            return;
        }

        var until = UntilOf(said);
        lock (_gate)
        {
            if (_limits.Count >= Capacity && !_limits.ContainsKey(identity))
            {
                MakeRoom(context.Now);
            }

            // Of two refusals for their size the smaller one says more.
            var cost = _limits.TryGetValue(identity, out var known) && known.Said.IsAboutSize && !(context.Now >= known.Until) ? Math.Min(known.Cost, context.Cost) : context.Cost;
            _limits[identity] = new ClosedLimit(said, until, cost);
            _count = _limits.Count;
        }
    }

    /// <summary>Finds a closed limit that binds a request; null when there is none.</summary>
    /// <param name="context">The request, and the figures as they are now.</param>
    /// <returns>The refusal, and whether newer figures cannot change it.</returns>
    public (BillingVerdict Refusal, bool IsFinal)? Find(BillingPolicyContext context)
    {
        if (_count == 0)
        {
            return null;
        }

        lock (_gate)
        {
            var identities = context.Snapshot.ClosableLimits;
            for (var index = 0; index < identities.Count; index++)
            {
                var identity = identities[index];
                if (!_limits.TryGetValue(identity, out var limit))
                {
                    continue;
                }

                var isRecent = (context.Now - limit.Said.CheckedAt).Duration() <= context.Options.MaxRefusalReadingAge;
                if (IsOpen(limit, isRecent, context))
                {
                    _limits.Remove(identity);
                    _count = _limits.Count;
                }
                else if (limit.Binds(context))
                {
                    return (Remember(limit, context), isRecent || limit.OpensByTimeOnly);
                }
            }
        }

        return null;
    }

    /// <summary>What may be closed to a key's requests, in the order in which OpenRouter checks.</summary>
    public static IReadOnlyList<string> Identities(string accountId, string keyHash, ApiKeyStatus? key) =>
    [
        $"key/{keyHash}/unaccepted",
        OfMember(key, keyHash),
        $"key/{keyHash}/guardrail",
        OfWorkspace(key, keyHash),
        $"key/{keyHash}/cap",
        $"account/{accountId}/credits",
        $"account/{accountId}/free-day",
        $"account/{accountId}/free-minute",
        $"account/{accountId}/size",
        $"key/{keyHash}/size",
        $"account/{accountId}/in-flight",
    ];

    private static bool IsOpen(ClosedLimit limit, bool isRecent, BillingPolicyContext context)
    {
        if (context.Now >= limit.Until || limit.Said.CheckedAt - context.Now > ClockWasSet)
        {
            return true;
        }

        if (isRecent || limit.OpensByTimeOnly)
        {
            return false;
        }

        var isNew = context.Now - limit.AskedAt(context.Snapshot) <= context.Options.MaxRefusalReadingAge;
        return limit.HasRoomIn(context.Snapshot) is { } hasRoom ? hasRoom && isNew : limit.Until is null;
    }

    private static DateTimeOffset? UntilOf(BillingVerdict said)
    {
        var until = said.OpensAt ?? said.CheckedAt + BillingRetryAdvice.UsualWait(said.Cause);
        return ClosedLimit.OpensByTime(said.Cause) && until - said.CheckedAt > LongestWait ? said.CheckedAt + LongestWait : until;
    }

    private static BillingVerdict Remember(ClosedLimit limit, BillingPolicyContext context) => limit.Said with
    {
        Origin = BillingVerdictOrigin.Remembered,
        CheckedAt = context.Now,
        Model = context.Request.Model,
        OpensAt = limit.Until,
        RetryAfter = limit.Said.RetryAfter is null ? null : limit.Until - context.Now,
    };

    private void MakeRoom(DateTimeOffset now)
    {
        foreach (var (identity, limit) in _limits)
        {
            if (now >= limit.Until)
            {
                _limits.Remove(identity);
            }
        }

        if (_limits.Count >= Capacity)
        {
            _limits.Remove(_limits.MinBy(limit => limit.Value.Said.CheckedAt).Key);
        }
    }

    private static string? Identify(BillingVerdict said, AccountSnapshot snapshot) => said.Cause switch
    {
        BillingCause.AccountCredits or BillingCause.NeverFunded => said.IsAboutSize ? $"account/{snapshot.AccountId}/size" : $"account/{snapshot.AccountId}/credits",
        BillingCause.InFlightBudget => $"account/{snapshot.AccountId}/in-flight",
        BillingCause.FreeRequestsPerDay => $"account/{snapshot.AccountId}/free-day",
        BillingCause.FreeRequestsPerMinute => $"account/{snapshot.AccountId}/free-minute",
        BillingCause.KeyLimit => said.IsAboutSize ? $"key/{snapshot.KeyHash}/size" : $"key/{snapshot.KeyHash}/cap",
        BillingCause.Authentication => $"key/{snapshot.KeyHash}/unaccepted",
        BillingCause.GuardrailBudget => $"key/{snapshot.KeyHash}/guardrail",
        BillingCause.MemberBudget => OfMember(snapshot.Key.Value, snapshot.KeyHash),
        BillingCause.WorkspaceBudget => OfWorkspace(snapshot.Key.Value, snapshot.KeyHash),
        _ => null,
    };

    // Where the server does not tell whose key it is, only this key is known to be below the limit.
    private static string OfMember(ApiKeyStatus? key, string keyHash) => $"member/{key?.CreatorUserId ?? keyHash}";

    private static string OfWorkspace(ApiKeyStatus? key, string keyHash) => $"workspace/{key?.WorkspaceId ?? keyHash}";
}
