using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Verdicts;

namespace OpenRouter.Billing.Tests.Guard.Policies;

/// <summary>Asks a guard whose account is told in one body.</summary>
internal static class PolicyWorld
{
    public static BillableRequest Paid { get; } = new() { Model = GuardedStub.PaidModel };

    public static async Task<BillingGuardDecision> EvaluateAsync(string keyBody, string creditsBody = TestData.CreditsBody, Action<OpenRouterBillingOptions>? configure = null)
    {
        using var world = new GuardedStub(configure) { KeyBody = keyBody, CreditsBody = creditsBody };
        var decision = await world.Guard.EvaluateAsync(Paid, TestContext.Current.CancellationToken);
        // "Unavailable" is what a fault of the guard's own would look like too; here it must come of the account alone.
        Assert.DoesNotContain(world.Log.Entries, entry => entry.Event == "DecisionFailed");
        return decision;
    }

    public static void AllowUnavailable(OpenRouterBillingOptions options) => options.Guard.WhenUnavailable = UnavailableBehavior.Allow;

    /// <summary>Sends a paid chat and reads its answer, so that what it says is booked.</summary>
    public static async Task SpendAsync(this GuardedStub world, string answer, string key = TestData.ApiKey)
    {
        world.Answer = () => StubHandler.Json(answer);
        using var response = await world.ChatAsync(key: key);
        Assert.Equal(answer, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>An answer that cost 0.50 USD through the account's own provider key, if it says so.</summary>
    public static string ByokAnswer(string? isByok) =>
        """{"choices":[],"usage":{"cost":0,SAID"cost_details":{"upstream_inference_cost":0.5}}}"""
            .Replace("SAID", isByok is null ? string.Empty : $"\"is_byok\":{isByok},", StringComparison.Ordinal);
}
