using System.Globalization;
using System.Net;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Foresight.Tests.Purchases;

/// <summary>An account whose credits arrive and are used as told, on a clock that stands still between two looks.</summary>
public sealed class PurchaseWorld : IDisposable
{
    private readonly StubHandler _stub;
    private readonly List<(DateTimeOffset At, decimal Credits)> _arrivals = [];

    public PurchaseWorld(Action<PurchaseOptions>? configure = null)
    {
        configure?.Invoke(Options);
        _stub = new StubHandler().On("GET credits", () => Fault?.Invoke() ?? StubHandler.Json($"{{\"data\":{{\"total_credits\":{Show(TotalCredits)},\"total_usage\":{Show(Usage())}}}}}"));
        // A call must not run into its bounds while the clock jumps from look to look.
        Billing = BillingClientKit.Over(_stub, options => options.AttemptTimeout = options.TotalTimeout = TimeSpan.FromDays(40), Clock);
        State = new InMemorySharedState(Clock);
        Purchases = new BillingPurchases(Billing, Options, State, Clock);
    }

    public ManualTimeProvider Clock { get; } = new();

    public PurchaseOptions Options { get; } = new();

    public IOpenRouterBillingClient Billing { get; }

    public ISharedState State { get; }

    public BillingPurchases Purchases { get; }

    /// <summary>What answers instead of the account, when it is not null and does not answer null.</summary>
    public Func<HttpResponseMessage?>? Fault { get; set; }

    public Func<decimal> Usage { get; set; } = () => 1.5m;

    public decimal InitialCredits { get; set; } = 10;

    public decimal TotalCredits => InitialCredits + _arrivals.Where(arrival => arrival.At <= Clock.GetUtcNow()).Sum(arrival => arrival.Credits);

    public int Looks => _stub.Count("GET credits");

    public static HttpResponseMessage Failure(HttpStatusCode status, int? retryAfter = null)
    {
        var response = StubHandler.Json("""{"error":{"code":500,"message":"Internal Server Error"}}""", status);
        if (retryAfter is { } seconds)
        {
            response.Headers.RetryAfter = new(TimeSpan.FromSeconds(seconds));
        }

        return response;
    }

    public void Arrive(TimeSpan after, decimal credits) => _arrivals.Add((Clock.GetUtcNow() + after, credits));

    /// <summary>Moves the clock from pause to pause until the task is done.</summary>
    public async Task<T> FinishAsync<T>(Task<T> task)
    {
        ArgumentNullException.ThrowIfNull(task);
        while (true)
        {
            await BillingClientKit.UntilAsync(() => task.IsCompleted || Clock.PendingWaits.Any(wait => wait < TimeSpan.FromDays(2)), "a pause");
            if (task.IsCompleted)
            {
                return await task;
            }

            Clock.Advance(Clock.PendingWaits[0]);
        }
    }

    public void Dispose() => _stub.Dispose();

    private static string Show(decimal amount) => amount.ToString(CultureInfo.InvariantCulture);
}
