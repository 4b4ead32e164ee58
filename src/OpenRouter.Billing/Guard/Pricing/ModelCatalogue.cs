using Microsoft.Extensions.Logging;
using OpenRouter.Billing.Telemetry;

namespace OpenRouter.Billing.Guard;

/// <summary>The prices of all models: read once however many requests want them, and again in the background; old ones serve while that fails.</summary>
internal sealed class ModelCatalogue
{
    private static readonly ModelQuery PricedByText = new() { OutputModalities = ["text", "embeddings"] };

    private readonly Func<HttpClient> _createHttpClient;
    private readonly Func<OpenRouterBillingOptions> _options;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly SharedReading<PriceList> _list;
    private readonly Func<Task<Reading<PriceList>>> _ask;
    private int _hasFailed;

    public ModelCatalogue(Func<HttpClient> createHttpClient, Func<OpenRouterBillingOptions> options, TimeProvider timeProvider, ILogger logger)
    {
        _createHttpClient = createHttpClient;
        _options = options;
        _timeProvider = timeProvider;
        _logger = logger;
        _list = new SharedReading<PriceList>(timeProvider);
        _ask = AskAsync;
    }

    /// <summary>Gets the list; null while there is none, and then only the first requests have waited for it.</summary>
    public async ValueTask<PriceList?> GetAsync(OpenRouterBillingOptions options, CancellationToken cancellationToken)
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

    /// <summary>Gets the list as it is known now; null while there is none.</summary>
    public PriceList? Peek() => _list.Peek().Value;

    private async Task<Reading<PriceList>> AskAsync()
    {
        var askedAt = Instant.Now(_timeProvider);
        var models = await new OpenRouterBillingClient(_createHttpClient(), _options(), _timeProvider).Models.ListAsync(PricedByText).ConfigureAwait(false);
        return Reading<PriceList>.Known(new PriceList(models), askedAt);
    }
}
