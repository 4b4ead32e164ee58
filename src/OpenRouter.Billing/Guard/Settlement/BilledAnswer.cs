namespace OpenRouter.Billing.Guard;

/// <summary>What an answer says that it cost, for whoever settles by hand.</summary>
public sealed record BilledAnswer
{
    /// <summary>Gets what was charged.</summary>
    /// <value>US dollars of credits; <see langword="null"/> when the answer does not say.</value>
    /// <remarks>Read from <c>usage.cost</c>.</remarks>
    public decimal? Cost { get; init; }

    /// <summary>Gets what was spent through the account's own provider keys on top.</summary>
    /// <value>US dollars; 0 unless the answer says that it was.</value>
    /// <remarks>Read from <c>usage.cost_details.upstream_inference_cost</c>.</remarks>
    public decimal ByokCost { get; init; }

    /// <summary>Gets by which id to ask for the cost later, with <see cref="BillingLease.ReconcileAsync"/>.</summary>
    /// <value><see langword="null"/> when the answer names none.</value>
    /// <remarks>Read from <c>id</c>.</remarks>
    public string? GenerationId { get; init; }

    /// <summary>Reads an answer, or one event of a stream.</summary>
    /// <param name="json">The JSON, decompressed. What is no JSON says nothing.</param>
    /// <returns>What it says; never an exception.</returns>
    public static BilledAnswer FromJson(ReadOnlySpan<byte> json)
    {
        var answer = new AnswerScanner(AnswerFormat.Json);
        answer.Push(json);
        answer.End();
        return new BilledAnswer
        {
            Cost = answer.Cost is { } cost ? Math.Max(0, cost) : null,
            ByokCost = answer.ByokCost,
            GenerationId = answer.GenerationId,
        };
    }
}
