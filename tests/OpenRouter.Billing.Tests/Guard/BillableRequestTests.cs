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
}
