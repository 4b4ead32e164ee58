using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace OpenRouter.Billing.Tests.Telemetry;

/// <summary>Makes one guard's meter and keeps what it measures.</summary>
public sealed class RecordingMeter : IMeterFactory
{
    private readonly MeterListener _listener = new();
    private readonly List<Meter> _meters = [];

    public RecordingMeter()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            // Other guards of the same process have meters of the same name.
            if (ReferenceEquals(instrument.Meter.Scope, this))
            {
                Instruments.Enqueue((instrument.Name, instrument.Unit));
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Keep(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Keep(instrument, value, tags));
        _listener.Start();
    }

    public ConcurrentQueue<(string Name, string? Unit)> Instruments { get; } = new();

    public ConcurrentQueue<(string Instrument, string? Unit, double Value, string Tags)> Measurements { get; } = new();

    public IEnumerable<(double Value, string Tags)> Of(string instrument) =>
        Measurements.Where(measurement => measurement.Instrument == "openrouter.billing." + instrument).Select(measurement => (measurement.Value, measurement.Tags));

    /// <summary>Has the gauges looked up, as an exporter does every so often.</summary>
    public void Collect() => _listener.RecordObservableInstruments();

    public Meter Create(MeterOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Scope = this;
        var meter = new Meter(options);
        _meters.Add(meter);
        return meter;
    }

    public void Dispose()
    {
        _listener.Dispose();
        _meters.ForEach(meter => meter.Dispose());
    }

    private void Keep(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        Measurements.Enqueue((instrument.Name, instrument.Unit, value, string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key["openrouter.billing.".Length..]}={tag.Value}"))));
}
