using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.SharedState;

public sealed class InMemorySharedStateTests : SharedStateContract
{
    protected override ValueTask<ISharedState> OpenAsync() => new(new InMemorySharedState(Clock));
}
