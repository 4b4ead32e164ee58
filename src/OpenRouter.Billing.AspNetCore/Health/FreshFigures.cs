using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.AspNetCore;

/// <summary>The figures of an account, read anew where the guard itself would do so before a chat.</summary>
internal static class FreshFigures
{
    // A free model, so that no prices are read and no claim is worked out.
    private static readonly BillableRequest Probe = new() { Model = "probe:free" };

    public static async ValueTask<AccountFigures> ReadAsync(IBillingGuard guard, CancellationToken cancellationToken)
    {
        await guard.EvaluateAsync(Probe, cancellationToken).ConfigureAwait(false);
        return guard.Peek();
    }
}
