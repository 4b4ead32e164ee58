using System.Diagnostics.CodeAnalysis;

namespace OpenRouter.Billing.Sandbox;

/// <summary>Finds the model behind an id with its variant suffixes.</summary>
internal sealed class ModelCatalog
{
    /// <summary>Suffixes that change routing but neither the model nor its price here.</summary>
    private static readonly string[] RoutingSuffixes = [":online", ":nitro", ":floor", ":exacto"];

    private readonly Dictionary<string, SandboxModel> _byId;

    public ModelCatalog(IEnumerable<SandboxModel> models)
    {
        _byId = new Dictionary<string, SandboxModel>(StringComparer.Ordinal);
        foreach (SandboxModel model in models)
        {
            if (!_byId.TryAdd(model.Id, model))
            {
                throw new ArgumentException($"The model id '{model.Id}' is listed twice.", nameof(models));
            }
        }

        foreach (SandboxModel router in _byId.Values)
        {
            if (router.RoutesTo is { } target && !_byId.ContainsKey(target))
            {
                throw new ArgumentException($"The router '{router.Id}' routes to '{target}', which is not listed.", nameof(models));
            }
        }
    }

    public IReadOnlyCollection<SandboxModel> All => _byId.Values;

    public bool TryFind(string id, [NotNullWhen(true)] out SandboxModel? model, out bool searchesWeb)
    {
        searchesWeb = false;
        while (!_byId.TryGetValue(id, out model))
        {
            string? suffix = Array.Find(RoutingSuffixes, s => id.EndsWith(s, StringComparison.Ordinal));
            if (suffix is null)
            {
                return false;
            }

            searchesWeb |= suffix == ":online";
            id = id[..^suffix.Length];
        }

        return true;
    }

    /// <summary>Finds a model by the id or the immutable name that the list has for it; of several with one name, the paid one.</summary>
    public bool TryFindListed(string name, [NotNullWhen(true)] out SandboxModel? model) =>
        _byId.TryGetValue(name, out model) || (model = _byId.Values.OrderBy(listed => listed.IsFree).FirstOrDefault(listed => listed.Slug == name)) is not null;

    /// <summary>Follows a router to the model that answers and is billed.</summary>
    public SandboxModel Resolve(SandboxModel model) => model.RoutesTo is { } target ? _byId[target] : model;
}
