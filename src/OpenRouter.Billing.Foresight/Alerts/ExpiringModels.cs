using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Foresight;

/// <summary>Which models that the account used have an end, read from the list of models a few times a day.</summary>
internal sealed class ExpiringModels(Func<IOpenRouterBillingClient> createClient, TimeProvider timeProvider)
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromHours(6);

    private (DateTimeOffset At, Dictionary<string, DateOnly> Ends)? _kept;

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
        var now = timeProvider.GetUtcNow();
        if (_kept is { } kept && now - kept.At < KeptFor)
        {
            return kept.Ends;
        }

        var models = await createClient().Models.ListAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        var ends = new Dictionary<string, DateOnly>(StringComparer.Ordinal);
        foreach (var model in models)
        {
            if (model.ExpiresOn is { } end && end >= DateOnly.FromDateTime(now.UtcDateTime))
            {
                ends[model.Id] = end;
            }
        }

        _kept = (now, ends);
        return ends;
    }
}
