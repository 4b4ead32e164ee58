using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.TestKit;

/// <summary>Keys, options and bodies that tests share.</summary>
public static class TestData
{
    public const string ApiKey = "sk-or-v1-1111111111111111111111111111111111111111111111111111111111111111";
    public const string ManagementKey = "sk-or-v1-2222222222222222222222222222222222222222222222222222222222222222";

    public const string KeyBody = """{"data":{"label":"sk-or-v1-111...111","limit":null,"limit_remaining":null,"limit_reset":null,"usage":0.5,"is_free_tier":false,"is_management_key":false,"free_model_daily_requests":{"used":2,"limit":50,"remaining":48},"budgets":[]}}""";
    public const string CreditsBody = """{"data":{"total_credits":10,"total_usage":0.5}}""";

    public static OpenRouterBillingOptions Options(Action<OpenRouterBillingOptions>? configure = null)
    {
        var options = new OpenRouterBillingOptions { ApiKey = ApiKey, ManagementKey = ManagementKey };
        options.Guard.Pricing = PricingMode.Flat;
        configure?.Invoke(options);
        return options;
    }
}
