using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Pricing;

/// <summary>What plugins, server tools and files cost besides the model's tokens.</summary>
public sealed class AddOnPricesTests
{
    [Theory]
    [InlineData(null, null, 0, false)]
    // A file is parsed for money unless the request chooses an engine that is free.
    [InlineData(null, null, 1, true)]
    [InlineData("file-parser", null, 1, true)]
    [InlineData("file-parser", "mistral-ocr", 1, true)]
    [InlineData("file-parser", "pdf-text", 1, false)]
    [InlineData("file-parser", "cloudflare-ai", 1, false)]
    [InlineData("file-parser", "native", 1, false)]
    // Without a file there is nothing to parse.
    [InlineData("file-parser", null, 0, false)]
    [InlineData("file-parser", "mistral-ocr", 0, false)]
    [InlineData("file-parser", "native", 0, false)]
    [InlineData("response-healing", null, 0, false)]
    [InlineData("context-compression", null, 0, false)]
    [InlineData("context-compression", null, 1, true)]
    [InlineData("web", null, 0, true)]
    [InlineData("openrouter:datetime", null, 0, true)]
    public void AnyCosts_AddOnAndFiles_AreFreeOnlyWhereKnownToBe(string? name, string? engine, int files, bool costs) =>
        Assert.Equal(costs, AddOnPrices.AnyCosts(name is null ? [] : [new RequestAddOn(name) { Engine = engine }], files));

    [Theory]
    // The provider's own search where it has one, otherwise Exa: 0.007 for ten results and 0.001 for each further one.
    [InlineData(null, 13, null, 0.010)]
    [InlineData(null, 13, 0.014, 0.014)]
    [InlineData("native", 13, 0.014, 0.014)]
    [InlineData("native", 13, null, 0.007)]
    [InlineData("exa", null, 0.014, 0.007)]
    [InlineData("exa", 10, 0.014, 0.007)]
    [InlineData("exa", 11, 0.014, 0.008)]
    [InlineData("parallel", 12, 0.014, 0.007)]
    [InlineData("perplexity", 12, 0.014, 0.005)]
    [InlineData("firecrawl", 12, 0.014, 0)]
    public void Of_Search_CostsWhatItsEngineDoes(string? engine, int? results, double? native, double cost) =>
        Assert.Equal((decimal)cost, Of(new BillableRequest { AddOns = [new RequestAddOn("web") { Engine = engine, MaxResults = results }] }, (decimal?)native));

    [Theory]
    // 0.001 for each page, at most as many as the tool or the request allows, or five.
    [InlineData("exa", 4, 9, 0.004)]
    [InlineData(null, null, 9, 0.009)]
    [InlineData(null, null, null, 0.005)]
    [InlineData(null, -1, null, 0)]
    [InlineData("openrouter", 4, null, 0)]
    public void Of_Fetch_CostsPerPageUnlessOpenRouterFetches(string? engine, int? uses, int? toolCalls, double cost) =>
        Assert.Equal((decimal)cost, Of(new BillableRequest { MaxToolCalls = toolCalls, AddOns = [new RequestAddOn("openrouter:web_fetch") { Engine = engine, MaxUses = uses }] }));

    [Theory]
    [InlineData("mistral-ocr", 0.0044)]
    [InlineData("pdf-text", 0)]
    [InlineData("native", 0)]
    public void Of_FileParserAmongOthers_SaysWhatParsingCosts(string engine, double cost)
    {
        var request = new BillableRequest { Files = 2, AddOns = [new RequestAddOn("response-healing"), new RequestAddOn("file-parser") { Engine = engine }] };

        Assert.Equal((decimal)cost, Of(request));
    }

    [Theory]
    // At least a page each, and one for every 16,384 bytes that are begun.
    [InlineData(1, 0, 1)]
    [InlineData(3, 16_384, 3)]
    [InlineData(1, 16_384, 1)]
    [InlineData(1, 16_385, 2)]
    [InlineData(1, 32_768, 2)]
    public void PagesOf_Files_AreToldFromTheirSize(int files, long bytes, long pages) =>
        Assert.Equal(pages, AddOnPrices.PagesOf(new BillableRequest { Files = files, MediaBytes = bytes }));

    private static decimal Of(BillableRequest request, decimal? nativeSearch = null) => AddOnPrices.Of(request, "a/b", nativeSearch);
}
