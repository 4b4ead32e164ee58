using Microsoft.Extensions.DependencyInjection;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sandbox;
using OpenRouter.Billing.Tests.TestKit;

namespace OpenRouter.Billing.Tests.Guard.Pricing;

/// <summary>How an app sets up prices: options and a token counter of its own.</summary>
public sealed class PricingRegistrationTests
{
    private static readonly BillableRequest Chat = new() { Model = GuardedSandbox.PaidModel, Prompt = PromptSize.Of("hello"), MaxOutputTokens = 1 };

    [Theory]
    [InlineData(false, false, null)]
    [InlineData(true, false, 1_000L)]
    [InlineData(false, true, 2_000L)]
    [InlineData(true, true, 2_000L)]
    public async Task TokenCounter_OfTheApp_CountsForEveryAccountOrForItsOwn(bool forAll, bool forOne, long? expected)
    {
        await using var sandbox = await OpenRouterSandbox.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        var services = new ServiceCollection();
        services.AddOpenRouterBilling("one", options => (options.ApiKey, options.ManagementKey, options.BaseAddress) = (sandbox.ApiKey, sandbox.ManagementKey, sandbox.BaseAddress));
        if (forAll)
        {
            services.AddSingleton<ITokenCounter>(new FixedCounter(1_000));
        }

        if (forOne)
        {
            services.AddKeyedSingleton<ITokenCounter>("one", new FixedCounter(2_000));
        }

        await using var provider = services.BuildServiceProvider();

        var decision = await provider.GetRequiredKeyedService<IBillingGuard>("one").EvaluateAsync(Chat, TestContext.Current.CancellationToken);

        Assert.Equal(expected ?? SafeTokenCounter.Instance.CountAtMost(Chat.Prompt!.Value, Chat.Model!), decision.Estimate?.PromptTokens);
    }

    [Fact]
    public async Task TokenCounter_WithoutContainer_IsAParameterOfTheGuard()
    {
        await using var sandbox = await OpenRouterSandbox.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        using var http = new HttpClient();
        var guard = new BillingGuard(http, new() { ApiKey = sandbox.ApiKey, ManagementKey = sandbox.ManagementKey, BaseAddress = sandbox.BaseAddress }, new() { TokenCounter = new FixedCounter(3_000) });

        var decision = await guard.EvaluateAsync(Chat, TestContext.Current.CancellationToken);

        Assert.Equal(3_000, decision.Estimate?.PromptTokens);
    }

    [Fact]
    public void Options_OfPricing_NameThemselvesValueAndCure()
    {
        void Invalid(Action<BillingGuardOptions> set, string option)
        {
            using var http = new HttpClient();
            var exception = Assert.Throws<ArgumentException>(() => new BillingGuard(http, TestData.Options(options => set(options.Guard))));
            Assert.Contains($"Guard.{option} is ", exception.Message, StringComparison.Ordinal);
            Assert.Contains(": use ", exception.Message, StringComparison.Ordinal);
        }

        Invalid(options => options.Pricing = (PricingMode)7, nameof(BillingGuardOptions.Pricing));
        Invalid(options => options.WhenUnreadable = (UnreadableBehavior)7, nameof(BillingGuardOptions.WhenUnreadable));
        Invalid(options => options.PriceRefreshAfter = TimeSpan.Zero, nameof(BillingGuardOptions.PriceRefreshAfter));
        Invalid(options => options.LeastOutputTokens = 0, nameof(BillingGuardOptions.LeastOutputTokens));
    }

    [Theory]
    [InlineData("", 0, 0)]
    [InlineData("hello", 5, 0)]
    [InlineData("wörld", 6, 2)]
    [InlineData("你😀", 7, 7)]
    public void Of_Text_IsMeasuredInUtf8(string text, long bytes, long nonAscii) =>
        Assert.Equal(new PromptSize { Bytes = bytes, NonAsciiBytes = nonAscii, Messages = 1 }, PromptSize.Of(text));

    private sealed class FixedCounter(long tokens) : ITokenCounter
    {
        public long CountAtMost(PromptSize prompt, string model) => tokens;
    }
}
