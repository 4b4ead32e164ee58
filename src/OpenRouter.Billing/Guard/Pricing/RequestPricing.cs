using Microsoft.Extensions.Logging;
using OpenRouter.Billing.Telemetry;

namespace OpenRouter.Billing.Guard;

/// <summary>What a request may cost: the prices that it needs to know, and the estimate by them.</summary>
internal sealed class RequestPricing(ModelCatalogue catalogue, ITokenCounter? tokenCounter, TimeProvider timeProvider, ILogger logger)
{
    private readonly ITokenCounter _tokenCounter = tokenCounter ?? SafeTokenCounter.Instance;

    /// <summary>Gets the prices; null when the request needs none, or none are known.</summary>
    public ValueTask<PriceList?> GetPricesAsync(BillableRequest request, OpenRouterBillingOptions options, CancellationToken cancellationToken) =>
        request is { IsPaid: true, Prompt: not null } && options.Guard.Pricing != PricingMode.Flat ? catalogue.GetAsync(request, options, cancellationToken) : default;

    /// <summary>Estimates by the prices that are known now, without asking.</summary>
    public CostEstimate? Peek(BillableRequest request, BillingGuardOptions options) => Estimate(request, catalogue.Peek(), options, out _);

    // The token counter is the app's: what it throws is no more a reason to send than any other fault.
    public CostEstimate? Estimate(BillableRequest request, PriceList? prices, BillingGuardOptions options, out Exception? fault)
    {
        fault = null;
        try
        {
            return CostEstimator.Estimate(request, options.Pricing == PricingMode.Flat ? null : prices, _tokenCounter, options.LeaseDuration, timeProvider.GetUtcNow());
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
}
