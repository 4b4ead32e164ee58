namespace OpenRouter.Billing.Foresight;

/// <summary>Gathers what a support ticket about billing asks for. Safe for concurrent use.</summary>
public interface IBillingIncidents
{
    /// <summary>Gathers dates, amounts, ids, activity and purchases of a stretch of time. What cannot be read is named, and the rest is gathered all the same.</summary>
    /// <param name="query">What it is about.</param>
    /// <param name="progress">Is told of each step; <see langword="null"/> for nobody.</param>
    /// <param name="cancellationToken">Gives the gathering up.</param>
    /// <returns>The report.</returns>
    /// <exception cref="ArgumentException">The time ends before it begins, or there are more than 200 answers, or one without an id.</exception>
    /// <remarks><c>GET /credits</c>, <c>GET /key</c>, <c>GET /activity</c>, and <c>GET /generation</c> for each answer.</remarks>
    Task<IncidentReport> GatherAsync(IncidentQuery query, IProgress<IncidentProgress>? progress = null, CancellationToken cancellationToken = default);
}
