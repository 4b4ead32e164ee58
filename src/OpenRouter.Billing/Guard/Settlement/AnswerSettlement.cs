using System.Net;
using Microsoft.Extensions.Logging;
using OpenRouter.Billing.Telemetry;

namespace OpenRouter.Billing.Guard;

/// <summary>Books what a request cost: from its answer, from its status, or from the way it failed.</summary>
/// <param name="lease">What the request holds.</param>
/// <param name="hasPaidAddOns">Whether something may cost though no answer came of it.</param>
/// <param name="isOnlyAttempt">Whether a failure is that of the only attempt, as opposed to the last of several.</param>
/// <param name="logger">Where failures to book are told.</param>
internal sealed class AnswerSettlement(BillingLease lease, bool hasPaidAddOns, bool isOnlyAttempt, ILogger logger)
{
    private readonly object _gate = new();
    private AnswerScanner? _scanner;
    private bool _isSettled;

    /// <summary>Takes in the head of an answer, and returns it so that its body is read for the cost while the caller reads it.</summary>
    public HttpResponseMessage Watch(HttpResponseMessage response)
    {
        Book(lease.CountRequestAsync());
        if (!response.IsSuccessStatusCode)
        {
            Settle(ChargeFor(response.StatusCode));
            return response;
        }

        _scanner = new AnswerScanner(FormatOf(response.Content));
        response.Content = new SettlingContent(response.Content, this);
        return response;
    }

    /// <summary>Takes in that there will be no answer.</summary>
    public void Failed(Exception exception)
    {
        if (isOnlyAttempt && NeverReachedTheServer(exception))
        {
            Book(lease.ReleaseAsync());
        }
        else
        {
            // It may have been served and billed: the full claim is the safe side.
            Settle(lease.ClaimedCost);
        }
    }

    public void Saw(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (!_isSettled)
            {
                _scanner!.Push(bytes);
            }
        }
    }

    /// <summary>Takes in that the body is over, or that nobody will read the rest of it.</summary>
    public void Ended(bool isComplete)
    {
        lock (_gate)
        {
            if (_isSettled)
            {
                return;
            }

            _isSettled = true;
            _scanner!.End();
        }

        Settle(Charge(_scanner, isComplete), _scanner.ByokCost);
    }

    private decimal Charge(AnswerScanner answer, bool isComplete)
    {
        if (answer.Cost is { } cost)
        {
            return Math.Max(0, cost);
        }

        // An answer that is nothing but an error costs no tokens; searches and file parsing that ran before it may cost.
        var failedFree = isComplete && answer.HasError && !answer.HasUsage && !hasPaidAddOns;
        return failedFree ? 0 : lease.ClaimedCost;
    }

    private decimal ChargeFor(HttpStatusCode status) => (int)status switch
    {
        // Timeouts of the API, a provider or the edge: the request may have been served.
        408 or 504 or 524 => lease.ClaimedCost,
        // No tokens without output, but add-ons that had run.
        >= 500 when hasPaidAddOns => lease.ClaimedCost,
        _ => 0,
    };

    private void Settle(decimal cost, decimal byokCost = 0) => Book(lease.SettleAsync(cost, byokCost));

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

    private static bool NeverReachedTheServer(Exception exception) => exception is HttpRequestException
    {
        HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError
            or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError,
    };

    // Read raw: the typed headers would put what they parsed in the place of what the server wrote.
    private static AnswerFormat FormatOf(HttpContent content)
    {
        var headers = content.Headers.NonValidated;
        if (headers.TryGetValues("Content-Encoding", out var encoding) && !encoding.ToString().Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            return AnswerFormat.Opaque;
        }

        var mediaType = headers.TryGetValues("Content-Type", out var type) ? type.ToString().Split(';', 2)[0].Trim() : string.Empty;
        return IsOneOf(mediaType, "text/event-stream") ? AnswerFormat.EventStream
            : IsOneOf(mediaType, "", "application/json", "text/plain", "text/json") ? AnswerFormat.Json
            : AnswerFormat.Opaque;
    }

    private static bool IsOneOf(string mediaType, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (mediaType.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
