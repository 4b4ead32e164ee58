using Microsoft.Extensions.Logging;
using OpenRouter.Billing.Telemetry;

namespace OpenRouter.Billing.Guard;

/// <summary>What a request may cost: the prices that it needs to know, and the estimate by them.</summary>
internal sealed class RequestPricing(ModelCatalogue catalogue, ITokenCounter? tokenCounter, ILogger logger)
{
    private readonly ITokenCounter _tokenCounter = tokenCounter ?? SafeTokenCounter.Instance;

    /// <summary>Gets the prices when nobody need ask for them: null when the request needs none.</summary>
    /// <returns>Whether that is so.</returns>
    public bool TryGetFresh(BillableRequest request, OpenRouterBillingOptions options, Instant now, out PriceList? prices)
    {
        var needsPrices = NeedsPrices(request, options);
        prices = needsPrices ? catalogue.GetFresh(options, now) : null;
        return prices is not null || !needsPrices;
    }

    /// <summary>Gets the prices; null when the request needs none, or none are known.</summary>
    public ValueTask<PriceList?> GetPricesAsync(BillableRequest request, OpenRouterBillingOptions options, CancellationToken cancellationToken) =>
        NeedsPrices(request, options) ? catalogue.GetAsync(request, options, cancellationToken) : default;

    /// <summary>Estimates by the prices that are known now, without asking.</summary>
    public CostEstimate? Peek(BillableRequest request, BillingGuardOptions options, DateTimeOffset now) => Estimate(request, catalogue.Peek(), options, now, out _);

    // The token counter is the app's: what it throws is no more a reason to send than any other fault.
    public CostEstimate? Estimate(BillableRequest request, PriceList? prices, BillingGuardOptions options, DateTimeOffset now, out Exception? fault)
    {
        fault = null;
        try
        {
            return CostEstimator.Estimate(request, options.Pricing == PricingMode.Flat ? null : prices, _tokenCounter, options.LeaseDuration, now);
        }
#pragma warning disable CA1031 // see above; the fault goes into the decision
        catch (Exception exception)
#pragma warning restore CA1031
        {
            GuardLog.DecisionFailed(logger, exception);
            fault = exception;
            return null;
        }
    }

    private static bool NeedsPrices(BillableRequest request, OpenRouterBillingOptions options) =>
        options.Guard.Pricing != PricingMode.Flat && request is { IsPaid: true, Prompt: not null };
}
