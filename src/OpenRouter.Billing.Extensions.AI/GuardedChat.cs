using System.Net;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Extensions.AI;

/// <summary>One chat between its claim and its bill. Not safe for concurrent use, as its answer is not.</summary>
internal sealed partial class GuardedChat(IBillingGuard guard, BillableRequest request, BillingLease lease, BillingGuardChatOptions reading, Func<bool> mayThrow, ILogger logger)
{
    private const decimal NanoDollarsPerDollar = 1_000_000_000m;
    private const int LongestId = 200;

    private decimal? _cost;
    private decimal _byokCost;
    private string? _id;
    private bool _isOver;
    private bool _isTold;

    public required IReadOnlyList<ChatMessage> Messages { get; init; }

    public ChatOptions? Options { get; init; }

    public BillingHandover Handover { get; } = new(guard, request, lease);

    /// <summary>Takes in a whole answer, books it, and writes its cost into its usage.</summary>
    public void See(ChatResponse response)
    {
        try
        {
            Read(response.RawRepresentation, response.ResponseId);
        }
        finally
        {
            // Booked even when the app's own reading fails.
            End();
        }

        if (TakeUntoldCost() is { } cost)
        {
            response.Usage ??= new UsageDetails();
            (response.Usage.AdditionalCounts ??= [])[BillingGuardChatClient.CostCount] = cost;
        }
    }

    /// <summary>Takes in one update of a stream, and writes the cost into its usage when it is known by then.</summary>
    public ChatResponseUpdate See(ChatResponseUpdate update)
    {
        var usage = update.Contents.OfType<UsageContent>().FirstOrDefault();
        // Writing an event as JSON again is work that only the event with the bill is worth.
        var mayHaveCost = usage is not null || reading.WriteRaw is null;
        Read(mayHaveCost ? update.RawRepresentation ?? usage?.RawRepresentation : null, update.ResponseId);
        if (usage is not null && _cost is { } cost && !_isTold)
        {
            _isTold = true;
            (usage.Details.AdditionalCounts ??= [])[BillingGuardChatClient.CostCount] = NanoDollars(cost);
        }

        return update;
    }

    /// <summary>Books the chat, as far as it came; once.</summary>
    public void End()
    {
        if (_isOver)
        {
            return;
        }

        _isOver = true;
        if (!Handover.IsTaken)
        {
            Book(_cost is { } cost ? lease.SettleAsync(cost, _byokCost) : AskLater());
        }
        else if (_cost is null && Handover.Lease is var taken && taken.SettledCost is { } settled && settled != taken.ClaimedCost)
        {
            _cost = settled;
        }
    }

    /// <summary>Gets what the chat cost, in nano-dollars, when nobody has been told yet; null otherwise.</summary>
    public long? TakeUntoldCost()
    {
        if (_isTold || _cost is not { } cost)
        {
            return null;
        }

        _isTold = true;
        return NanoDollars(cost);
    }

    /// <summary>Books a chat that failed; the exception to throw instead, or null for the one that came.</summary>
    public BillingGuardException? Fail(Exception exception)
    {
        if (_isOver || Handover.IsTaken)
        {
            _isOver = true;
            return null;
        }

        _isOver = true;
        if (exception is BillingGuardException { Verdict.Origin: var origin })
        {
            // Another guard's refusal: what it did not let out was not sent.
            Book(origin == BillingVerdictOrigin.Answered ? lease.SettleAsync(0) : lease.ReleaseAsync());
            return null;
        }

        if (Failure(exception) is not { } failure)
        {
            Book(AskLater());
            return null;
        }

        Book(IsFree(failure.StatusCode) ? lease.SettleAsync(0) : AskLater());
        var refusal = guard.Learn(request, failure.StatusCode, failure.Body)?.ToException();
        // What is not about money or the key is the wrapped client's own to tell.
        return refusal is null or BillingCheckUnavailableException || !reading.ThrowOnServerRefusal || !mayThrow() ? null : refusal;
    }

    private void Read(object? raw, string? responseId)
    {
        var answer = raw is null ? null : RawAnswer.Read(raw, reading.WriteRaw);
        if (answer?.Cost is not null)
        {
            (_cost, _byokCost) = (answer.Cost, answer.ByokCost);
        }

        _id ??= answer?.GenerationId ?? (IsId(responseId) ? responseId : null);
    }

    private BillingGuardChatFailure? Failure(Exception exception)
    {
        try
        {
            return reading.ReadFailure?.Invoke(exception)
                ?? (exception is HttpRequestException { StatusCode: { } status } ? new BillingGuardChatFailure(status) : null);
        }
        catch
        {
            // The app's own reading failed: what it could not read may hide an answer.
            Book(AskLater());
            throw;
        }
    }

    // Timeouts may hide an answer, and searches and parsed files that ran before a failure cost.
    private bool IsFree(HttpStatusCode status) =>
        (int)status is >= 400 and not (408 or 504 or 524) && !((int)status >= 500 && request.HasPaidAddOns);

    private ValueTask AskLater() => _id is { } id ? lease.ReconcileAsync(id) : lease.SettleAsync(lease.ClaimedCost);

    private static bool IsId(string? id) =>
        id is { Length: > 0 and <= LongestId } && id.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.' or ':');

    // Booking never delays the caller: a ledger in memory has booked already, any other books in the background.
    private void Book(ValueTask booking)
    {
        if (!booking.IsCompletedSuccessfully)
        {
            _ = ObserveAsync(booking);
        }
    }

    private async Task ObserveAsync(ValueTask booking)
    {
        try
        {
            await booking.ConfigureAwait(false);
        }
#pragma warning disable CA1031 // the answer is the caller's whatever the ledger does; an unbooked lease expires at its full amount
        catch (Exception exception)
#pragma warning restore CA1031
        {
            SettlementFailed(logger, exception);
        }
    }

    private static long NanoDollars(decimal cost) => (long)Math.Min(Math.Ceiling(cost * NanoDollarsPerDollar), long.MaxValue);

    [LoggerMessage(1, LogLevel.Error, "The cost of a chat could not be booked; it counts in full once its lease expires.", EventName = "SettlementFailed")]
    private static partial void SettlementFailed(ILogger logger, Exception fault);
}
