using System.Text;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Settlement;

/// <summary>What an answer says that it cost, for whoever settles by hand.</summary>
public sealed class BilledAnswerTests
{
    [Theory]
    [InlineData("""{"id":"gen-1-a","usage":{"prompt_tokens":3,"cost":0.0000123}}""", "0.0000123", "0", "gen-1-a")]
    [InlineData("""{"id":"gen-1-a","usage":{"cost":1e-3,"is_byok":true,"cost_details":{"upstream_inference_cost":0.5}}}""", "0.001", "0.5", "gen-1-a")]
    [InlineData("""{"id":"gen-1-a","choices":[{"usage":{"cost":9}}]}""", null, "0", "gen-1-a")]
    [InlineData("""{"id":"../../key","usage":{"cost":-1}}""", "0", "0", null)]
    [InlineData("no JSON at all", null, "0", null)]
    [InlineData("", null, "0", null)]
    public void FromJson_AnyText_SaysWhatItSays(string json, string? cost, string byok, string? id)
    {
        var answer = BilledAnswer.FromJson(Encoding.UTF8.GetBytes(json));

        Assert.Equal((Number(cost), Number(byok), id), (answer.Cost, answer.ByokCost, answer.GenerationId));
    }

    private static decimal? Number(string? text) => text is null ? null : decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
