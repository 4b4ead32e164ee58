using System.Collections.Frozen;

namespace OpenRouter.Billing.Guard;

/// <summary>The models of the last reading, found by what requests call them.</summary>
internal sealed class PriceList
{
    private readonly FrozenDictionary<string, PricedModel> _byName;
    private readonly Func<PricedModel, IReadOnlyList<PricedModel>> _endpoints;

    public PriceList(IReadOnlyList<ModelListing> models, Func<PricedModel, IReadOnlyList<PricedModel>>? endpoints = null)
    {
        _endpoints = endpoints ?? (_ => []);
        var byName = models.ToDictionary(model => model.Id, StringComparer.Ordinal);
        // A variant shares the permanent slug of its model, but that slug asks for the model, at its dearest price.
        foreach (var model in models.Where(model => !model.Id.Contains(':', StringComparison.Ordinal)).OrderByDescending(model => model.Prices.Completion))
        {
            if (model.CanonicalSlug is { } slug)
            {
                byName.TryAdd(slug, model);
            }
        }

        _byName = byName.ToFrozenDictionary(entry => entry.Key, entry => new PricedModel(entry.Value), StringComparer.Ordinal);
    }

    /// <summary>Finds the model behind a slug with its variants, or behind an alias; null when its price cannot be told from the list.</summary>
    public PricedModel? Find(string slug)
    {
        // A preset may name any model, and change the one that is named.
        if (slug.Contains('@', StringComparison.Ordinal))
        {
            return null;
        }

        var model = _byName.GetValueOrDefault(slug) ?? (ModelSlug.WithoutRouting(slug) is { } plain ? _byName.GetValueOrDefault(plain) : null);
        return model is { Prices.AreKnown: false, AliasTarget: { } target } ? _byName.GetValueOrDefault(target) : model;
    }

    /// <summary>Finds what else a listed model may cost; nothing where no endpoints are read.</summary>
    public IReadOnlyList<PricedModel> EndpointsOf(PricedModel model) => _endpoints(model);
}
