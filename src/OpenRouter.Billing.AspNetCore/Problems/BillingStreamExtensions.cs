using System.Runtime.CompilerServices;

namespace OpenRouter.Billing.AspNetCore;

/// <summary>Lets a streaming endpoint refuse before its first byte.</summary>
public static class BillingStreamExtensions
{
    /// <summary>Waits for the first element, so that a refusal is thrown here, where it can still become a problem details answer.</summary>
    /// <typeparam name="T">What is streamed.</typeparam>
    /// <param name="source">The stream; it is read once.</param>
    /// <param name="cancellationToken">Gives the wait up, and the reading that follows.</param>
    /// <returns>The whole stream, its first element included.</returns>
    /// <exception cref="Guard.BillingGuardException">The request behind the stream is refused.</exception>
    public static async ValueTask<IAsyncEnumerable<T>> OpenAsync<T>(this IAsyncEnumerable<T> source, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        var elements = source.GetAsyncEnumerator(cancellationToken);
        try
        {
            var hasFirst = await elements.MoveNextAsync().ConfigureAwait(false);
            return RestAsync(elements, hasFirst, CancellationToken.None);
        }
        catch
        {
            await elements.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static async IAsyncEnumerable<T> RestAsync<T>(IAsyncEnumerator<T> elements, bool hasNext, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            while (hasNext)
            {
                yield return elements.Current;
                cancellationToken.ThrowIfCancellationRequested();
                hasNext = await elements.MoveNextAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            await elements.DisposeAsync().ConfigureAwait(false);
        }
    }
}
