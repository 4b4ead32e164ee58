using System.Net;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Foresight;

/// <summary>Gathers what a support ticket about billing asks for.</summary>
/// <remarks>
/// An app with a container registers it with <c>AddPurchases</c>. Without one:
/// <code>var incidents = new BillingIncidents(billing);</code>
/// </remarks>
public sealed class BillingIncidents : IBillingIncidents
{
    private const int MostAnswers = 200;

    private readonly Func<IOpenRouterBillingClient> _billing;
    private readonly IBillingPurchases? _purchases;
    private readonly TimeProvider _timeProvider;

    /// <summary>Builds a kit.</summary>
    /// <param name="billing">Reads the account.</param>
    /// <param name="purchases">Knows the recorded purchases; <see langword="null"/> when there are none.</param>
    /// <param name="timeProvider">The clock; <see langword="null"/> for the system's.</param>
    public BillingIncidents(IOpenRouterBillingClient billing, IBillingPurchases? purchases = null, TimeProvider? timeProvider = null)
        : this(() => billing, purchases, timeProvider ?? TimeProvider.System) =>
        ArgumentNullException.ThrowIfNull(billing);

    internal BillingIncidents(Func<IOpenRouterBillingClient> billing, IBillingPurchases? purchases, TimeProvider timeProvider) =>
        (_billing, _purchases, _timeProvider) = (billing, purchases, timeProvider);

    /// <inheritdoc/>
    public async Task<IncidentReport> GatherAsync(IncidentQuery query, IProgress<IncidentProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var now = _timeProvider.GetUtcNow();
        var (from, to) = (query.From.ToUniversalTime(), query.To?.ToUniversalTime() ?? now);
        Check(query, from, to);
        var gathering = new Gathering(4 + query.Answers.Count, progress, cancellationToken);
        var billing = _billing();
        var credits = await gathering.TryAsync("The balance", token => billing.Credits.GetAsync(token)).ConfigureAwait(false);
        var key = await gathering.TryAsync("The key", token => billing.Keys.GetCurrentAsync(token)).ConfigureAwait(false);
        var activity = await gathering.TryAsync("The activity", token => billing.Activity.ListAsync(cancellationToken: token)).ConfigureAwait(false);
        var purchases = await gathering.TryAsync("The purchases", ReadPurchasesAsync).ConfigureAwait(false);
        var answers = new List<BilledAnswer>();
        foreach (var answer in query.Answers)
        {
            if (await gathering.TryAsync($"Answer {answer.GenerationId}", token => billing.Generations.GetAsync(answer.GenerationId, token)).ConfigureAwait(false) is { } generation)
            {
                answers.Add(BilledAnswer.From(generation, answer.RequestedModel));
            }
        }

        return new IncidentReport
        {
            At = now,
            From = from,
            To = to,
            What = query.What is null ? null : Redaction.Clean(query.What),
            TotalCredits = credits?.TotalCredits,
            TotalUsage = credits?.TotalUsage,
            KeyLimit = key?.Limit,
            KeyRemaining = key?.Remaining,
            KeyUsage = key?.Usage.Total,
            FreeRequestsUsed = key?.FreeModelDailyRequests?.Used,
            FreeRequestsLimit = key?.FreeModelDailyRequests?.Limit,
            Answers = answers,
            Activity = [.. (activity ?? []).Where(row => IsWithin(row.Date, from, to)).Select(Day)],
            Purchases = [.. (purchases ?? []).Where(purchase => purchase.PaidAt >= from && purchase.PaidAt <= to)],
            Gaps = gathering.Gaps,
        };
    }

    private static void Check(IncidentQuery query, DateTimeOffset from, DateTimeOffset to)
    {
        if (to < from)
        {
            throw new ArgumentException($"The time ends at {to:u}, before it begins at {from:u}: swap From and To.", nameof(query));
        }

        if (query.Answers.Count > MostAnswers)
        {
            throw new ArgumentException($"There are {query.Answers.Count} answers: ask for at most {MostAnswers} at once.", nameof(query));
        }

        if (query.Answers.Any(answer => string.IsNullOrWhiteSpace(answer?.GenerationId)))
        {
            throw new ArgumentException("An answer has no GenerationId: give the one of its X-Generation-Id header.", nameof(query));
        }
    }

    private async Task<IReadOnlyList<Purchase>> ReadPurchasesAsync(CancellationToken cancellationToken) =>
        _purchases is BillingPurchases own ? await own.ReadRecordedAsync(cancellationToken).ConfigureAwait(false)
        : _purchases is null ? []
        : [.. (await _purchases.ListLotsAsync(cancellationToken: cancellationToken).ConfigureAwait(false)).Select(lot => lot.Purchase)];

    private static BilledDay Day(ActivityEntry row) => new(row.Date, row.Model, row.ProviderName, row.Requests, row.Cost, row.Cost > 0 && FreeModels.IsFree(row.Model));

    private static bool IsWithin(DateOnly day, DateTimeOffset from, DateTimeOffset to) =>
        day >= DateOnly.FromDateTime(from.UtcDateTime) && day <= DateOnly.FromDateTime(to.UtcDateTime);

    private sealed class Gathering(int total, IProgress<IncidentProgress>? progress, CancellationToken cancellationToken)
    {
        private int _done;

        public List<string> Gaps { get; } = [];

        public async Task<T?> TryAsync<T>(string what, Func<CancellationToken, Task<T>> read)
            where T : class
        {
            try
            {
                return await read(cancellationToken).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // a ticket is written when things go wrong: what cannot be read is named in the report
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                Gaps.Add($"{Redaction.Clean(what)}: {Why(exception)}");
                return null;
            }
            finally
            {
                progress?.Report(new IncidentProgress(++_done, total, Redaction.Clean(what)));
            }
        }

        private static string Why(Exception exception) => exception switch
        {
            OpenRouterApiException { StatusCode: HttpStatusCode.NotFound } => "OpenRouter has not written it down, or knows no such id.",
            OpenRouterBillingException ours => Redaction.Clean(ours.Message),
            _ => $"it could not be read ({exception.GetType().Name}).",
        };
    }
}
