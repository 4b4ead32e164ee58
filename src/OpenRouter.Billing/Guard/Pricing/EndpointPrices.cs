using System.Collections.Concurrent;
using System.Net;
using OpenRouter.Billing.Telemetry;

namespace OpenRouter.Billing.Guard;

/// <summary>What each model costs at each of its endpoints: read when a request first names the model, and again in the background.</summary>
internal sealed class EndpointPrices(Func<HttpClient> createHttpClient, Func<OpenRouterBillingOptions> options, GuardTelemetry telemetry)
{
    private const int MaxModels = 256;

    private readonly ConcurrentDictionary<string, Endpoints> _models = new(StringComparer.Ordinal);
    private volatile bool _isUsed;
    private int _saidUnavailable;

    /// <summary>Reads the endpoints of every model that a request may pay for, all at once; what was read before is not waited for.</summary>
    public Task ReadAsync(BillableRequest request, PriceList list, Freshness freshness, CancellationToken cancellationToken)
    {
        _isUsed = true;
        List<Task>? pending = null;
        Add(request.Model);
        for (var index = 0; index < request.FallbackModels.Count; index++)
        {
            Add(request.FallbackModels[index]);
        }

        for (var index = 0; index < request.AddOns.Count; index++)
        {
            Add(ToolModels.Of(request.AddOns[index]));
        }

        return pending is null ? Task.CompletedTask : Task.WhenAll(pending);

        void Add(string? slug)
        {
            // Where the list says nothing about the price, or that there is none, the endpoints decide nothing.
            if (slug is not null && !ModelSlug.IsFree(slug) && list.Find(slug) is { Prices.AreKnown: true, IsPricedByText: true } model
                && ReadAsync(model, freshness, cancellationToken) is { IsCompletedSuccessfully: false } reading)
            {
                (pending ??= []).Add(reading);
            }
        }
    }

    /// <summary>Gets the endpoints as they are known now; none while they are not.</summary>
    public IReadOnlyList<PricedModel> Peek(PricedModel model) => _models.TryGetValue(model.Id, out var endpoints) ? endpoints.Reading.Peek().Value ?? [] : [];

    /// <summary>Forgets everything, once nobody wants it any more.</summary>
    public void Forget()
    {
        if (_isUsed)
        {
            _isUsed = false;
            _models.Clear();
        }
    }

    private async Task ReadAsync(PricedModel model, Freshness freshness, CancellationToken cancellationToken)
    {
        var endpoints = EndpointsOf(model);
        var patience = endpoints.HasFailed ? TimeSpan.Zero : freshness.Timeout;
        var reading = await endpoints.Reading.GetAsync(endpoints.Ask, freshness with { Timeout = patience }, cancellationToken).ConfigureAwait(false);
        endpoints.HasFailed = reading.State != ReadingState.Known;
        if (reading.Value is not { Count: > 0 } && Interlocked.Exchange(ref _saidUnavailable, 1) == 0)
        {
            GuardLog.EndpointsUnavailable(telemetry.Logger, model.Id, reading.Fault);
        }
    }

    private Endpoints EndpointsOf(PricedModel model)
    {
        if (_models.TryGetValue(model.Id, out var endpoints))
        {
            return endpoints;
        }

        if (_models.Count >= MaxModels)
        {
            ForgetOldest();
        }

        return _models.GetOrAdd(model.Id, _ => new Endpoints(new SharedReading<IReadOnlyList<PricedModel>>(telemetry.TimeProvider, onAnswered: telemetry.Meter.Reading(GuardMeter.Endpoints)), () => AskAsync(model)));
    }

    private void ForgetOldest()
    {
        foreach (var (id, _) in _models.OrderBy(entry => entry.Value.Reading.LastWanted).Take(MaxModels / 4))
        {
            _models.TryRemove(id, out _);
        }
    }

    private async Task<Reading<IReadOnlyList<PricedModel>>> AskAsync(PricedModel model)
    {
        var askedAt = Instant.Now(telemetry.TimeProvider);
        try
        {
            var endpoints = await new OpenRouterBillingClient(createHttpClient(), options(), telemetry.TimeProvider).Models.ListEndpointsAsync(model.Id).ConfigureAwait(false);
            // Many providers ask the same; the estimate looks at each price once.
            return Reading<IReadOnlyList<PricedModel>>.Known([.. endpoints.Select(model.At).DistinctBy(endpoint => endpoint.Terms)], askedAt);
        }
        catch (OpenRouterApiException exception) when (exception.StatusCode == HttpStatusCode.NotFound && exception.ErrorCode is not null)
        {
            // Listed, but without a page of endpoints: it will have none a moment later either.
            return Reading<IReadOnlyList<PricedModel>>.Known([], askedAt);
        }
    }

    private sealed class Endpoints(SharedReading<IReadOnlyList<PricedModel>> reading, Func<Task<Reading<IReadOnlyList<PricedModel>>>> ask)
    {
        private volatile bool _hasFailed;

        public SharedReading<IReadOnlyList<PricedModel>> Reading => reading;

        public Func<Task<Reading<IReadOnlyList<PricedModel>>>> Ask => ask;

        /// <summary>Gets or sets whether the last question failed; then nobody waits for the next.</summary>
        public bool HasFailed
        {
            get => _hasFailed;
            set => _hasFailed = value;
        }
    }
}
