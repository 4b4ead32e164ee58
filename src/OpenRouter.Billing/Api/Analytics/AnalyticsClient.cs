using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing;

/// <inheritdoc cref="IAnalyticsClient"/>
internal sealed class AnalyticsClient(BillingTransport transport) : IAnalyticsClient
{
    // Hundreds of thousands of rows: no query by two dimensions has more.
    private const int MaxAnswerBytes = 64 * 1024 * 1024;

    public async Task<AnalyticsMeta> GetMetaAsync(CancellationToken cancellationToken = default)
    {
        var payload = await transport.SendAsync(transport.Read("analytics/meta", "analytics/meta"), WireContext.Default.AnalyticsMetaPayload, cancellationToken).ConfigureAwait(false);
        return payload.ToAnalyticsMeta();
    }

    public async Task<AnalyticsResult> QueryAsync(AnalyticsQuery query, AnalyticsMeta? meta = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        query.Validate(meta);
        var call = transport.Query("analytics/query", AnalyticsQueryPayload.From(query), WireContext.Default.AnalyticsQueryPayload) with { MaxAnswerBytes = MaxAnswerBytes };
        var payload = await transport.SendAsync(call, WireContext.Default.AnalyticsResultPayload, cancellationToken).ConfigureAwait(false);
        return payload.ToAnalyticsResult(query, meta);
    }
}
