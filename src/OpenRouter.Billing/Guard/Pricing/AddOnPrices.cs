namespace OpenRouter.Billing.Guard;

/// <summary>What OpenRouter charges for plugins and server tools, on any model, as its documentation lists it in September 2026.</summary>
internal static class AddOnPrices
{
    /// <summary>The plugin that a variant <c>:online</c> stands for.</summary>
    public static readonly RequestAddOn OnlineSearch = new("web");

    private const decimal ExaSearch = 0.007m;
    private const decimal ParallelSearch = 0.005m;
    private const decimal PerplexitySearch = 0.005m;
    private const decimal FurtherResult = 0.001m;
    private const int IncludedResults = 10;
    private const decimal Fetch = 0.001m;

    // 2 USD per thousand pages, 2.20 in the US region.
    private const decimal OcrPage = 0.0022m;

    // Nobody counts pages without opening the file. The one page of the recorded file has 18,000 bytes in base64; scanned ones have more.
    private const long BytesPerPage = 16_384;

    // The server allows 30 steps; models search one to three times where they may.
    private const int UsualUses = 5;

    /// <summary>Whether one of the add-ons costs, or a file is parsed by the paid default.</summary>
    public static bool AnyCosts(IReadOnlyList<RequestAddOn> addOns, int files)
    {
        var parsesForMoney = files > 0;
        for (var index = 0; index < addOns.Count; index++)
        {
            if (addOns[index].Name == "file-parser")
            {
                parsesForMoney = files > 0 && !ParsesForFree(addOns[index]);
            }
            else if (!IsFree(addOns[index]))
            {
                return true;
            }
        }

        return parsesForMoney;
    }

    /// <summary>What the add-ons of a request cost when its answer comes from a model.</summary>
    /// <param name="request">The request.</param>
    /// <param name="slug">The model as the request names it.</param>
    /// <param name="nativeSearch">US dollars per search by the model's provider; null when it has none.</param>
    public static decimal Of(BillableRequest request, string slug, decimal? nativeSearch)
    {
        var cost = ModelSlug.HasPaidVariant(slug) ? Search(OnlineSearch, nativeSearch) : 0;
        for (var index = 0; index < request.AddOns.Count; index++)
        {
            var addOn = request.AddOns[index];
            cost += addOn.Name switch
            {
                "web" => Search(addOn, nativeSearch),
                _ when IsSearchTool(addOn) => Search(addOn, nativeSearch) * UsesOf(addOn, request),
                _ when addOn.Name.Contains("web_fetch", StringComparison.Ordinal) => addOn.Engine == "openrouter" ? 0 : Fetch * UsesOf(addOn, request),
                _ => 0,
            };
        }

        return cost + (request.Files > 0 && !ParsesForFree(request) ? OcrPage * PagesOf(request) : 0);
    }

    /// <summary>How many searches bring their results into the prompt, at most as far as the request says.</summary>
    public static long SearchesOf(BillableRequest request, string slug)
    {
        var searches = ModelSlug.HasPaidVariant(slug) ? 1L : 0;
        for (var index = 0; index < request.AddOns.Count; index++)
        {
            var addOn = request.AddOns[index];
            searches += addOn.Name == "web" ? 1 : IsSearchTool(addOn) ? UsesOf(addOn, request) : 0;
        }

        return searches;
    }

    public static long PagesOf(BillableRequest request) => Math.Max(request.Files, (request.MediaBytes + BytesPerPage - 1) / BytesPerPage);

    /// <summary>Whether an add-on neither costs nor makes the model read or write more.</summary>
    public static bool IsFree(RequestAddOn addOn) => addOn.Name is "response-healing" or "context-compression";

    /// <summary>How often a tool is taken to be used: as often as the request allows, where it says so.</summary>
    public static int UsesOf(RequestAddOn addOn, BillableRequest request) => Math.Max(0, addOn.MaxUses ?? request.MaxToolCalls ?? UsualUses);

    private static bool IsSearchTool(RequestAddOn addOn) => addOn.Name.Contains("web_search", StringComparison.Ordinal);

    private static bool ParsesForFree(BillableRequest request)
    {
        for (var index = 0; index < request.AddOns.Count; index++)
        {
            if (request.AddOns[index].Name == "file-parser")
            {
                return ParsesForFree(request.AddOns[index]);
            }
        }

        return false;
    }

    private static bool ParsesForFree(RequestAddOn parser) => parser.Engine is "cloudflare-ai" or "pdf-text" or "native";

    private static decimal Search(RequestAddOn addOn, decimal? nativeSearch) => (addOn.Engine ?? (nativeSearch is null ? "exa" : "native")) switch
    {
        "native" => nativeSearch ?? ExaSearch,
        "firecrawl" => 0,
        "perplexity" => PerplexitySearch,
        "parallel" => ParallelSearch + FurtherResults(addOn),
        _ => ExaSearch + FurtherResults(addOn),
    };

    private static decimal FurtherResults(RequestAddOn addOn) => Math.Max(0, (addOn.MaxResults ?? 0) - IncludedResults) * FurtherResult;
}
