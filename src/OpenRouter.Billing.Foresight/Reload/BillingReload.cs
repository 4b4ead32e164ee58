using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Foresight;

/// <inheritdoc cref="IBillingReload"/>
internal sealed class BillingReload(
    Func<IOpenRouterBillingClient> billing,
    IBillingForecaster forecaster,
    IBillingPurchases purchases,
    ICreditReloader reloader,
    ISharedState state,
    string account,
    PurchaseNews news,
    Func<ReloadOptions> options,
    TimeProvider timeProvider) : IBillingReload
{
    private readonly ReloadClaims _claims = new(state, account, timeProvider);

    public async Task<ReloadAdvice> AdviseAsync(CancellationToken cancellationToken = default) =>
        ReloadAdvisor.Advise(await forecaster.ForecastAsync(cancellationToken).ConfigureAwait(false), options());

    public async Task<ReloadReport> RunOnceAsync(IProgress<CreditArrival>? progress = null, CancellationToken cancellationToken = default) =>
        await RunOnceAsync(await forecaster.ForecastAsync(cancellationToken).ConfigureAwait(false), progress, cancellationToken).ConfigureAwait(false);

    /// <summary>The same, by a forecast that was just made.</summary>
    public async Task<ReloadReport> RunOnceAsync(Forecast balance, IProgress<CreditArrival>? progress, CancellationToken cancellationToken)
    {
        var current = options();
        var advice = ReloadAdvisor.Advise(balance, current);
        if (!advice.IsDue || advice.Amount is not { } amount)
        {
            return new ReloadReport { Outcome = ReloadOutcome.NotDue, Advice = advice };
        }

        // What was there before must be known before anything is bought.
        var before = (await billing().Credits.GetAsync(cancellationToken).ConfigureAwait(false)).TotalCredits;
        var claim = new ReloadClaim { Id = Guid.NewGuid().ToString("N"), At = timeProvider.GetUtcNow(), Amount = amount };
        if (await _claims.TryClaimAsync(claim, current, cancellationToken).ConfigureAwait(false) is { } obstacle)
        {
            return new ReloadReport { Outcome = obstacle, Advice = advice };
        }

        // Whoever gave up meanwhile must not buy; the turn is lost all the same.
        cancellationToken.ThrowIfCancellationRequested();
        var request = new ReloadRequest { Id = claim.Id, Amount = amount, Advice = advice };
        var (answer, fault) = await CallAsync(request, current, cancellationToken).ConfigureAwait(false);
        if (fault is not null)
        {
            await news.TellFailedReloadAsync(request, cancellationToken).ConfigureAwait(false);
        }

        var report = new ReloadReport { Outcome = fault is null ? ReloadOutcome.Declined : ReloadOutcome.Failed, Advice = advice, Id = claim.Id, Fault = fault };
        if (answer is not { Bought: { } bought and > 0 })
        {
            return report;
        }

        var purchase = new Purchase { Id = Reference(answer) ?? claim.Id, PaidAt = claim.At, Credits = bought, Method = answer.Method };
        report = report with { Fault = await RecordAsync(purchase, cancellationToken).ConfigureAwait(false) };
        var expected = new ExpectedCredits { Credits = bought, CreditsBefore = before, PaidAt = claim.At, Reference = purchase.Id };
        var arrival = await purchases.WaitForCreditsAsync(expected, progress, cancellationToken).ConfigureAwait(false);
        return report with { Outcome = OutcomeOf(arrival.Stage), Arrival = arrival };
    }

    private static ReloadOutcome OutcomeOf(CreditArrivalStage stage) => stage switch
    {
        CreditArrivalStage.Arrived => ReloadOutcome.Arrived,
        CreditArrivalStage.Partly => ReloadOutcome.Partly,
        _ => ReloadOutcome.Late,
    };

    // What may not be shown is not kept: the reload's own id does as well.
    private static string? Reference(ReloadAnswer answer) =>
        answer.Reference is { Length: > 0 and <= 100 } reference && !Redaction.HoldsSecret(reference) ? reference : null;

    // The credits are bought, so they are waited for, recorded or not.
    private async Task<Exception?> RecordAsync(Purchase purchase, CancellationToken cancellationToken)
    {
        try
        {
            await purchases.RecordAsync(purchase, cancellationToken).ConfigureAwait(false);
            return null;
        }
#pragma warning disable CA1031 // see above; the fault goes into the report
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            return exception;
        }
    }

    // The hook is the app's: whatever it throws is reported to the app, and the cooldown holds all the same.
    private async Task<(ReloadAnswer? Answer, Exception? Fault)> CallAsync(ReloadRequest request, ReloadOptions current, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(current.CallTimeout, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            // A hook that blocks, or does not look at its token, must not hold up whoever waits.
            return (await Task.Run(() => reloader.ReloadAsync(request, either.Token).AsTask(), CancellationToken.None).WaitAsync(either.Token).ConfigureAwait(false), null);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            return (null, new TimeoutException($"The reloader took longer than ReloadOptions.CallTimeout ({current.CallTimeout:c}); it may have bought all the same."));
        }
#pragma warning disable CA1031 // see above; the fault goes into the report
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return (null, exception);
        }
    }
}
