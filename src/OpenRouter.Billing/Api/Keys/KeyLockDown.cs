using System.Collections.Concurrent;
using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing;

/// <summary>Switches keys off, several at a time, and goes on past every failure.</summary>
internal sealed class KeyLockDown(KeysClient keys, WorkspacesClient workspaces)
{
    private const int Parallelism = 8;

    // Rows move between pages while keys are switched off elsewhere; what the first look missed, another finds.
    private const int Looks = 2;

    public async Task<LockDownReport> DisableAsync(IEnumerable<string> hashes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(hashes);
        var wanted = hashes.Select(hash => PathSegment.OfHash(hash, nameof(hashes))).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        var entries = new ConcurrentDictionary<string, LockDownEntry>(StringComparer.Ordinal);
        await EachAsync(wanted, async hash => entries[hash] = await DisableAsync(hash, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        return new LockDownReport { Keys = [.. wanted.Select(hash => entries[hash])], ListFailures = [] };
    }

    public async Task<LockDownReport> DisableAllAsync(string? exceptHash, CancellationToken cancellationToken)
    {
        var spared = exceptHash is null ? null : PathSegment.OfHash(exceptHash, nameof(exceptHash));
        var entries = new ConcurrentDictionary<string, LockDownEntry>(StringComparer.Ordinal);
        var failures = new List<OpenRouterBillingException>();
        for (var look = 0; look < Looks; look++)
        {
            // A later look that succeeds makes up for an earlier one that failed.
            failures.Clear();
            var found = await ListAsync(failures, cancellationToken).ConfigureAwait(false);
            var fresh = found.Where(key => !string.Equals(key.Hash, spared, StringComparison.OrdinalIgnoreCase) && !entries.ContainsKey(key.Hash)).ToList();
            await EachAsync(fresh, async key => entries[key.Hash] = await DisableAsync(key, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }

        return new LockDownReport { Keys = [.. entries.Values.OrderBy(entry => entry.Hash, StringComparer.Ordinal)], ListFailures = failures };
    }

    private static Task EachAsync<T>(IEnumerable<T> items, Func<T, Task> act, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(items, new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken }, async (item, _) => await act(item).ConfigureAwait(false));

    private async Task<IReadOnlyList<ApiKey>> ListAsync(List<OpenRouterBillingException> failures, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, ApiKey>(StringComparer.Ordinal);
        var places = new List<string?>();
        await TryAsync(async () =>
        {
            await foreach (var workspace in workspaces.ListAsync(cancellationToken).ConfigureAwait(false))
            {
                places.Add(workspace.Id);
            }
        }).ConfigureAwait(false);
        foreach (var place in places.Count == 0 ? [null] : places)
        {
            await TryAsync(async () =>
            {
                await foreach (var key in keys.ListInAsync(place, new KeyQuery { IncludesDisabled = true }, cancellationToken).ConfigureAwait(false))
                {
                    found[key.Hash] = key;
                }
            }).ConfigureAwait(false);
        }

        return [.. found.Values];

        async Task TryAsync(Func<Task> read)
        {
            try
            {
                await read().ConfigureAwait(false);
            }
            catch (OpenRouterBillingException exception)
            {
                failures.Add(exception);
            }
        }
    }

    private async Task<LockDownEntry> DisableAsync(string hash, CancellationToken cancellationToken)
    {
        var known = await TryGetAsync(hash, cancellationToken).ConfigureAwait(false);
        return await DisableAsync(known ?? new ApiKey { Hash = hash, Usage = new KeyUsage(), ByokUsage = new KeyUsage() }, cancellationToken).ConfigureAwait(false);
    }

    private async Task<LockDownEntry> DisableAsync(ApiKey key, CancellationToken cancellationToken)
    {
        if (key.IsDisabled == true)
        {
            return new LockDownEntry(key.Hash, LockDownOutcome.AlreadyDisabled) { Name = key.Name };
        }

        try
        {
            var changed = await keys.DisableAsync(key.Hash, cancellationToken).ConfigureAwait(false);
            return new LockDownEntry(key.Hash, LockDownOutcome.Disabled) { Name = changed.Name ?? key.Name };
        }
        catch (OpenRouterBillingException exception)
        {
            // The answer may be lost and the key off all the same.
            return await TryGetAsync(key.Hash, cancellationToken).ConfigureAwait(false) is { IsDisabled: true }
                ? new LockDownEntry(key.Hash, LockDownOutcome.Disabled) { Name = key.Name }
                : new LockDownEntry(key.Hash, LockDownOutcome.Failed) { Name = key.Name, Failure = exception };
        }
    }

    // One look without repeats: whoever locks down a leaked key has no time to wait for a slow server.
    private async Task<ApiKey?> TryGetAsync(string hash, CancellationToken cancellationToken)
    {
        try
        {
            return await keys.LookAsync(hash, cancellationToken).ConfigureAwait(false);
        }
        catch (OpenRouterBillingException)
        {
            return null;
        }
    }
}
