namespace OpenRouter.Billing;

/// <summary>Activity added up.</summary>
public sealed record ActivityTotals
{
    /// <summary>Gets the credits spent.</summary>
    /// <value>US dollars; <see langword="null"/> when a row did not say, since the rest would be too low.</value>
    public decimal? Cost { get; init; }

    /// <summary>Gets what was spent through the account's own provider keys.</summary>
    /// <value>US dollars, not part of <see cref="Cost"/>; <see langword="null"/> when a row did not say.</value>
    public decimal? ByokCost { get; init; }

    /// <summary>Gets the number of requests.</summary>
    /// <value>Requests; <see langword="null"/> when a row did not say.</value>
    public long? Requests { get; init; }

    /// <summary>Gets the tokens of all prompts.</summary>
    /// <value>Tokens; <see langword="null"/> when a row did not say.</value>
    public long? PromptTokens { get; init; }

    /// <summary>Gets the tokens of all answers, reasoning included.</summary>
    /// <value>Tokens; <see langword="null"/> when a row did not say.</value>
    public long? CompletionTokens { get; init; }

    /// <summary>Gets the tokens spent on reasoning, part of <see cref="CompletionTokens"/>.</summary>
    /// <value>Tokens; <see langword="null"/> when a row did not say.</value>
    public long? ReasoningTokens { get; init; }

    /// <summary>Adds rows up.</summary>
    /// <param name="entries">The rows; none add up to 0.</param>
    /// <returns>The totals.</returns>
    /// <exception cref="OverflowException">The sum is beyond what its type holds, which no real activity is.</exception>
    public static ActivityTotals Of(IEnumerable<ActivityEntry> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        decimal? cost = 0, byok = 0;
        long? requests = 0, prompt = 0, completion = 0, reasoning = 0;
        foreach (var entry in entries)
        {
            checked
            {
                // Null and anything is null.
                cost += entry.Cost;
                byok += entry.ByokCost;
                requests += entry.Requests;
                prompt += entry.PromptTokens;
                completion += entry.CompletionTokens;
                reasoning += entry.ReasoningTokens;
            }
        }

        return new ActivityTotals { Cost = cost, ByokCost = byok, Requests = requests, PromptTokens = prompt, CompletionTokens = completion, ReasoningTokens = reasoning };
    }
}
