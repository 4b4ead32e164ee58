using System.Net;
using Microsoft.Extensions.Logging;
using OpenRouter.Billing.Telemetry;
using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing.Guard;

/// <summary>Books what a request cost: from its answer, from its status, or from the way it failed.</summary>
/// <param name="guard">Learns from a failure inside of an answer.</param>
/// <param name="asked">What was asked for.</param>
/// <param name="lease">What the request holds.</param>
/// <param name="route">What comes after the guard, and so what a failure proves.</param>
/// <param name="logger">Where failures to book are told.</param>
internal sealed class AnswerSettlement(IBillingGuard guard, BillableRequest asked, BillingLease lease, Route route, ILogger logger)
{
    // Nothing was read of it.
    private static readonly AnswerScanner Unread = new(AnswerFormat.Opaque);

    private readonly object _gate = new();
    private AnswerHead _head;
    private AnswerScanner? _scanner;
    private InflatingScanner? _inflating;
    private bool _isOver;

    /// <summary>Takes in the head of an answer, and returns it so that its body is read for the cost while the caller reads it.</summary>
    public HttpResponseMessage Watch(HttpResponseMessage response)
    {
        Book(lease.CountRequestAsync());
        _head = AnswerHead.Read(response);
        if (!response.IsSuccessStatusCode)
        {
            Settle(ChargeFor(response.StatusCode), 0, _head.GenerationId);
            return response;
        }

        response.Content = new SettlingContent(response.Content, this);
        return response;
    }

    /// <summary>Takes in that there will be no answer.</summary>
    public void Failed(Exception exception)
    {
        if (NeverReachedTheServer(exception))
        {
            Book(lease.ReleaseAsync());
        }
        else
        {
            // It may have been served and billed: the full claim is the safe side.
            Settle(null, 0, null);
        }
    }

    public void Saw(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (_isOver)
            {
                return;
            }

            var scanner = _scanner ??= StartScanning();
            if (_inflating is null)
            {
                scanner.Push(bytes);
            }
            else
            {
                _inflating.Push(bytes);
            }
        }
    }

    /// <summary>Takes in that the body is over, or that nobody will read the rest of it.</summary>
    public void Ended(bool isComplete)
    {
        lock (_gate)
        {
            if (_isOver)
            {
                return;
            }

            _isOver = true;
        }

        Book(ConcludeAsync(isComplete));
    }

    private AnswerScanner StartScanning()
    {
        var scanner = new AnswerScanner(_head.Format);
        if (_head.Coding is not { } coding || _head.Format == AnswerFormat.Opaque)
        {
            return scanner;
        }

        _inflating = InflatingScanner.TryStart(coding, scanner);
        // Without it nothing can be read, and what is pushed is not looked at.
        return _inflating is null ? new AnswerScanner(AnswerFormat.Opaque) : scanner;
    }

    // Whatever breaks in here is told and not thrown: the caller is reading.
    private async ValueTask ConcludeAsync(bool isComplete)
    {
        if (_inflating is null)
        {
            _scanner?.End();
        }
        else
        {
            isComplete &= await _inflating.EndAsync().ConfigureAwait(false);
        }

        Conclude(_scanner ?? Unread, isComplete);
    }

    private void Conclude(AnswerScanner answer, bool isComplete)
    {
        Settle(Charge(answer, isComplete), answer.ByokCost, _head.GenerationId ?? answer.GenerationId);
        if (FailureClassifier.StatusInside(answer.Error.Span) is { } status && (status == HttpStatusCode.OK || ServerAnswer.MayBeBilling(status)))
        {
            guard.Learn(asked, status, answer.Error);
        }
    }

    // Null where the answer leaves it open.
    private decimal? Charge(AnswerScanner answer, bool isComplete)
    {
        if (answer is { Cost: { } cost, IsProvisional: false })
        {
            return Math.Max(0, cost);
        }

        // An answer that is nothing but an error costs no tokens; searches and file parsing that ran before it may cost.
        var failedFree = isComplete && !answer.IsCut && (answer.HasError || !answer.Error.IsEmpty) && !answer.HasUsage && !asked.HasPaidAddOns;
        return failedFree || _head.IsCacheHit ? 0 : null;
    }

    private decimal? ChargeFor(HttpStatusCode status) => (int)status switch
    {
        // Timeouts of the API, a provider or the edge: the request may have been served.
        408 or 504 or 524 => null,
        // No tokens without output, but add-ons that had run.
        >= 500 when asked.HasPaidAddOns => null,
        _ => 0,
    };

    private void Settle(decimal? cost, decimal byokCost, string? generationId) => Book(
        cost is { } known ? lease.SettleAsync(known, byokCost)
        : generationId is { } id ? lease.ReconcileAsync(id)
        : lease.SettleAsync(lease.ClaimedCost));

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
            GuardLog.SettlementFailed(logger, exception);
        }
    }

    private bool NeverReachedTheServer(Exception exception) => exception switch
    {
        _ when ConnectionFault.IsBeforeSending(exception) => route != Route.MayRepeat,
        // How sockets say that no connection came about within their time to connect. Another handler may mean another time by it.
        OperationCanceledException { InnerException: TimeoutException } => route == Route.Sockets,
        _ => false,
    };
}
