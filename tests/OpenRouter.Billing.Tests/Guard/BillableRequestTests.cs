using System.Text.Json;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard;

public sealed class BillableRequestTests
{
    [Fact]
    public void Serialize_RequestWithAKey_ShowsTheModelAndNoKey()
    {
        var request = new BillableRequest { Model = "some/model", FallbackModels = ["other/model"], ApiKey = TestData.ApiKey };

        var json = JsonSerializer.Serialize(request);

        Assert.Contains("some/model", json, StringComparison.Ordinal);
        Assert.DoesNotContain(nameof(BillableRequest.ApiKey), json, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("1111", json, StringComparison.Ordinal);
    }

    [Fact]
    public void FromBody_ABody_IsMeasuredAsTheHandlerDoesAndPromisesNothing()
    {
        var request = BillableRequest.FromBody("""{"model":"a/b","max_tokens":7,"stream":true,"messages":[{"role":"user","content":"hi"}]}"""u8);

        Assert.Equal(("a/b", 7, true, false), (request.Model, request.MaxOutputTokens, request.IsStreamed, request.MayLowerOutputCap));
        Assert.True(request.Prompt?.Bytes >= "hi".Length);
        Assert.True(BillableRequest.FromBody("[]"u8).IsUnreadable);
    }

    [Theory]
    [InlineData("a/b:free", "c/d:free e/f:free", true, true)]
    [InlineData("a/b:free", "c/d:free e/f", false, true)]
    [InlineData("a/b", "c/d e/f:free", false, true)]
    [InlineData("a/b", "c/d e/f", false, false)]
    public void UsesFreeModels_SomeThatMayAnswerAreFree_SaysWhetherAllOrAny(string model, string fallbacks, bool all, bool any)
    {
        var request = new BillableRequest { Model = model, FallbackModels = fallbacks.Split(' ') };

        Assert.Equal((all, any, !all), (request.UsesFreeModelsOnly, request.UsesAnyFreeModel, request.IsPaid));
    }

    [Theory]
    [InlineData("some/model", "some/model")]
    [InlineData(null, "(unknown model)")]
    public void ToString_Always_IsTheModel(string? model, string shown) => Assert.Equal(shown, new BillableRequest { Model = model, ApiKey = TestData.ApiKey }.ToString());
}
