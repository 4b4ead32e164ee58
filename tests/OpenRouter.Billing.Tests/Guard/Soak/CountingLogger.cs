using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace OpenRouter.Billing.Tests.Guard.Soak;

/// <summary>Counts what was logged by the names of the events.</summary>
internal sealed class CountingLogger<T> : ILogger<T>
{
    public ConcurrentDictionary<string, int> Events { get; } = new();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Events.AddOrUpdate(eventId.Name ?? string.Empty, 1, (_, count) => count + 1);
}
