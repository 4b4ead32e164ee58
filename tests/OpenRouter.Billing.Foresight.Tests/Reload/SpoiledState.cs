using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Foresight.Tests.Reload;

/// <summary>A state to which something happens around its writes.</summary>
internal sealed class SpoiledState(ISharedState inner) : ISharedState
{
    public Action? BeforeWrite { get; init; }

    public Action? AfterWrite { get; init; }

    public ValueTask<SharedValue?> ReadAsync(string name, CancellationToken cancellationToken = default) => inner.ReadAsync(name, cancellationToken);

    public async ValueTask<bool> TryWriteAsync(string name, string text, long expectedVersion, TimeSpan? keepFor = null, CancellationToken cancellationToken = default)
    {
        BeforeWrite?.Invoke();
        var written = await inner.TryWriteAsync(name, text, expectedVersion, keepFor, CancellationToken.None);
        AfterWrite?.Invoke();
        return written;
    }
}
