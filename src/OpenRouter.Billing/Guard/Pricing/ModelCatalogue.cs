using Microsoft.Extensions.Logging;
using OpenRouter.Billing.Telemetry;

namespace OpenRouter.Billing.Guard;

/// <summary>The prices of all models, and of their endpoints where those are wanted: read once however many requests want them, and again in the background; old ones serve while that fails.</summary>
internal sealed class ModelCatalogue
{
    private static readonly ModelQuery PricedByText = new() { OutputModalities = ["text", "embeddings"] };

    private readonly Func<HttpClient> _createHttpClient;
    private readonly Func<OpenRouterBillingOptions> _options;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly SharedReading<PriceList> _list;
    private readonly EndpointPrices _endpoints;
    private readonly Func<Task<Reading<PriceList>>> _ask;
    private int _hasFailed;

    public ModelCatalogue(Func<HttpClient> createHttpClient, Func<OpenRouterBillingOptions> options, GuardTelemetry telemetry)
    {
        _createHttpClient = createHttpClient;
        _options = options;
        _timeProvider = telemetry.TimeProvider;
        _logger = telemetry.Logger;
        _list = new SharedReading<PriceList>(_timeProvider, onAnswered: telemetry.Meter.Reading(GuardMeter.Prices));
        _endpoints = new EndpointPrices(createHttpClient, options, telemetry);
        _ask = AskAsync;
    }

    /// <summary>Gets the list when it is all that is wanted, and so young that nobody need ask; null otherwise.</summary>
    public PriceList? GetFresh(OpenRouterBillingOptions options, Instant now)
    {
        if (options.Guard.Pricing == PricingMode.DearestEndpoint || Volatile.Read(ref _hasFailed) != 0)
        {
            return null;
        }

        _endpoints.Forget();
        return _list.GetFresh(Freshness.OfPrices(options, TimeSpan.Zero), now)?.Value;
    }

    /// <summary>Gets the list with what a request needs from it; null while there is none. Together the questions take no longer than one may.</summary>
    public async ValueTask<PriceList?> GetAsync(BillableRequest request, OpenRouterBillingOptions options, CancellationToken cancellationToken)
    {
        if (options.Guard.Pricing != PricingMode.DearestEndpoint)
        {
            _endpoints.Forget();
            return await GetAsync(options, cancellationToken).ConfigureAwait(false);
        }

        var started = _timeProvider.GetTimestamp();
        var list = await GetAsync(options, cancellationToken).ConfigureAwait(false);
        if (list is not null)
        {
            var left = options.Guard.ReadingTimeout - _timeProvider.GetElapsedTime(started);
            await _endpoints.ReadAsync(request, list, Freshness.OfPrices(options, left > TimeSpan.Zero ? left : TimeSpan.Zero), cancellationToken).ConfigureAwait(false);
        }

        return list;
    }

    /// <summary>Gets the list as it is known now; null while there is none.</summary>
    public PriceList? Peek() => _list.Peek().Value;

    // Null while there is none, and then only the first requests have waited for it.
    private async ValueTask<PriceList?> GetAsync(OpenRouterBillingOptions options, CancellationToken cancellationToken)
    {
        var patience = Volatile.Read(ref _hasFailed) == 0 ? options.Guard.ReadingTimeout : TimeSpan.Zero;
        var reading = await _list.GetAsync(_ask, Freshness.OfPrices(options, patience), cancellationToken).ConfigureAwait(false);
        if (reading.State != ReadingState.Known && Interlocked.Exchange(ref _hasFailed, 1) == 0)
        {
            GuardLog.PricesUnavailable(_logger, reading.Fault);
        }

        if (reading.State == ReadingState.Known)
        {
            Volatile.Write(ref _hasFailed, 0);
        }

        // Whatever became of the question, prices that were read once serve until newer ones come.
        return reading.Value ?? Peek();
    }

    private async Task<Reading<PriceList>> AskAsync()
    {
        var askedAt = Instant.Now(_timeProvider);
        var models = await new OpenRouterBillingClient(_createHttpClient(), _options(), _timeProvider).Models.ListAsync(PricedByText).ConfigureAwait(false);
        return Reading<PriceList>.Known(new PriceList(models, _endpoints.Peek), askedAt);
    }
}
