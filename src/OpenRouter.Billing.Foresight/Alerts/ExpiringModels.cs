using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Foresight;

/// <summary>Which models that the account used have an end, read from the list of models a few times a day. Safe for concurrent use.</summary>
internal sealed class ExpiringModels(Func<IOpenRouterBillingClient> createClient, TimeProvider timeProvider)
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromHours(6);

    private Kept? _kept;

    public async Task<IReadOnlyList<(string Id, DateOnly ExpiresOn)>> ReadAsync(IEnumerable<SpendEntry> spend, IEnumerable<string> activity, CancellationToken cancellationToken)
    {
        var used = spend.Select(entry => entry.Labels.Model).OfType<string>().Concat(activity).Distinct().ToList();
        if (used.Count == 0)
        {
            return [];
        }

        var ends = await ReadEndsAsync(cancellationToken).ConfigureAwait(false);
        // A suffix such as :online is no model of its own, unless the list has it.
        return [.. used.Select(model => ends.ContainsKey(model) ? model : model.Split(':')[0]).Distinct().Where(ends.ContainsKey).Select(model => (model, ends[model]))];
    }

    private async Task<Dictionary<string, DateOnly>> ReadEndsAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _kept) is { } kept && timeProvider.GetElapsedTime(kept.ReadAt) < KeptFor)
        {
            return kept.Ends;
        }

        var (readAt, today) = (timeProvider.GetTimestamp(), DateOnly.FromDateTime(timeProvider.GetUtcNow().UtcDateTime));
        var models = await createClient().Models.ListAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        var ends = new Dictionary<string, DateOnly>(StringComparer.Ordinal);
        foreach (var model in models)
        {
            if (model.ExpiresOn is { } end && end >= today)
            {
                ends[model.Id] = end;
            }
        }

        Volatile.Write(ref _kept, new Kept(readAt, ends));
        return ends;
    }

    // One object, so that nobody sees the time of one reading with the ends of another.
    private sealed record Kept(long ReadAt, Dictionary<string, DateOnly> Ends);
}
