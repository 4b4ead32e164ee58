using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard;

public sealed class BillingGuardHttpRequestMessageExtensionsTests
{
    [Fact]
    public void SkipBillingGuard_SaidAndTakenBack_CountsAsSaidLast()
    {
        using var request = new HttpRequestMessage();
        Assert.False(request.SkipsBillingGuard());

        Assert.Same(request, request.SkipBillingGuard());
        Assert.True(request.SkipsBillingGuard());
        request.SkipBillingGuard(skip: false);

        Assert.False(request.SkipsBillingGuard());
    }

    [Fact]
    public void SetBillingScope_SaidAndTakenBack_CountsAsSaidLast()
    {
        using var request = new HttpRequestMessage();
        Assert.Null(request.GetBillingScope());
        var scope = new BillingScope { Project = "search" };

        Assert.Same(request, request.SetBillingScope(scope));
        Assert.Same(scope, request.GetBillingScope());
        request.SetBillingScope(null);

        Assert.Null(request.GetBillingScope());
    }

    [Fact]
    public void AnyOfThem_WithoutARequest_Throws()
    {
        HttpRequestMessage none = null!;

        Assert.Throws<ArgumentNullException>("request", () => none.SkipBillingGuard());
        Assert.Throws<ArgumentNullException>("request", () => none.SkipsBillingGuard());
        Assert.Throws<ArgumentNullException>("request", () => none.SetBillingScope(null));
        Assert.Throws<ArgumentNullException>("request", () => none.GetBillingScope());
    }
}
