namespace OpenRouter.Billing.Guard;

/// <summary>How many requests like this one fit below the tightest limit that OpenRouter's figures tell of.</summary>
/// <remarks>What is counted here alone (a sliding window, a budget of the app's own) does not matter: reading again tells nothing new about it.</remarks>
/// <param name="Requests">Requests, by what was left when the figures were read.</param>
internal readonly record struct Headroom(long Requests)
{
    private const long Few = 10;
    private const long Many = 1000;

    /// <summary>Gets whether others may have spent what is left while nobody looked, so that new figures are worth waiting for.</summary>
    public bool IsNear => Requests < Few;

    /// <summary>Gets whether older figures decide just as well.</summary>
    public bool IsFar => Requests >= Many;

    public static Headroom Of(IReadOnlyList<LimitClaim> claims)
    {
        var least = long.MaxValue;
        for (var index = 0; index < claims.Count; index++)
        {
            var claim = claims[index];
            if (claim is { IsFromReading: true, Amount: > 0 })
            {
                least = Math.Min(least, claim.Capacity / claim.Amount);
            }
        }

        return new Headroom(least);
    }
}
