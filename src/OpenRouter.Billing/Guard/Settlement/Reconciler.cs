using System.Net;
using Microsoft.Extensions.Logging;
using OpenRouter.Billing.Telemetry;

namespace OpenRouter.Billing.Guard;

/// <summary>Asks in the background what those answers have cost that did not say so themselves, and books it.</summary>
/// <remarks>
/// Bounded in every direction: so many open questions, so many asked at once, and so long. What cannot be found out within
/// these bounds is booked at its full claim.
/// </remarks>
#pragma warning disable CA1001 // of the semaphore only its wait handle would have to be disposed, and nobody asks for it
internal sealed class Reconciler(Func<HttpClient> createHttpClient, Func<OpenRouterBillingOptions> options, TimeProvider timeProvider, ILogger logger)
#pragma warning restore CA1001
{
    private const int MaxOpen = 1_000;
    private const int MaxAskedAtOnce = 4;

    private readonly SemaphoreSlim _turns = new(MaxAskedAtOnce);
    private readonly object _gate = new();
    private TaskCompletionSource? _idle;
    private int _open;

    /// <summary>Takes over to settle a lease; false when it is switched off or has too much to do, and then nothing is settled.</summary>
    public bool TryTake(BillingLease lease, string generationId, string? apiKey)
    {
        if (!IsOn() || !TryOpen())
        {
            return false;
        }

        // Queued without the caller's context, which would live as long as the question.
        ThreadPool.UnsafeQueueUserWorkItem(static question => _ = question.Self.SettleAsync(question.Lease, question.Id, question.Key), (Self: this, Lease: lease, Id: generationId, Key: apiKey), preferLocal: false);
        return true;
    }

    /// <summary>Waits until no question is open.</summary>
    public Task WaitUntilIdleAsync()
    {
        lock (_gate)
        {
            return _open == 0 ? Task.CompletedTask : (_idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    private bool IsOn()
    {
        try
        {
            return options().Guard.ReconcileFor > TimeSpan.Zero;
        }
#pragma warning disable CA1031 // settings that were edited while the app runs fail in many ways, and the caller who reads its answer must meet none
        catch (Exception exception)
#pragma warning restore CA1031
        {
            GuardLog.NotReconciled(logger, "the options cannot be read", exception);
            return false;
        }
    }

    private bool TryOpen()
    {
        lock (_gate)
        {
            if (_open == MaxOpen)
            {
                GuardLog.NotReconciled(logger, "too many questions are open", null);
                return false;
            }

            _open++;
            return true;
        }
    }

    private void Close()
    {
        lock (_gate)
        {
            if (--_open == 0)
            {
                _idle?.TrySetResult();
                _idle = null;
            }
        }
    }

    private async Task SettleAsync(BillingLease lease, string generationId, string? apiKey)
    {
        try
        {
            if (await TryFindAsync(generationId, apiKey).ConfigureAwait(false) is { } generation)
            {
                var byok = BilledUsage.ByokOf(generation.TotalCost, generation.UpstreamInferenceCost ?? 0, generation.IsByok);
                await lease.SettleAsync(Math.Max(0, generation.TotalCost), byok).ConfigureAwait(false);
            }
            else
            {
                await lease.SettleAsync(lease.ClaimedCost).ConfigureAwait(false);
            }
        }
#pragma warning disable CA1031 // nobody waits for this; an unbooked lease expires at its full amount
        catch (Exception exception)
#pragma warning restore CA1031
        {
            GuardLog.SettlementFailed(logger, exception);
        }
        finally
        {
            Close();
        }
    }

    private async Task<Generation?> TryFindAsync(string generationId, string? apiKey)
    {
        try
        {
            var current = options();
            using var time = new CancellationTokenSource(current.Guard.ReconcileFor, timeProvider);
            return await FindAsync(generationId, current.WithKeys(apiKey ?? current.ApiKey, null, maxRetries: 0), time.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            GuardLog.NotReconciled(logger, "it was not written down in time", null);
        }
#pragma warning disable CA1031 // whatever kept the cost from being found out, the claim is then booked
        catch (Exception exception)
#pragma warning restore CA1031
        {
            GuardLog.NotReconciled(logger, "the question was refused or failed", exception);
        }

        return null;
    }

    private async Task<Generation> FindAsync(string generationId, OpenRouterBillingOptions asking, CancellationToken timeIsOver)
    {
        var wait = GenerationPace.Before(1);
        for (var attempt = 2; ; attempt++)
        {
            await Task.Delay(wait, timeProvider, timeIsOver).ConfigureAwait(false);
            wait = GenerationPace.Before(attempt);
            await _turns.WaitAsync(timeIsOver).ConfigureAwait(false);
            try
            {
                // The call has bounds of its own; this one is for an app's handler that honours none.
                return await new OpenRouterBillingClient(createHttpClient(), asking, timeProvider).Generations.GetAsync(generationId, timeIsOver)
                    .WaitAsync(timeIsOver).ConfigureAwait(false);
            }
            catch (OpenRouterApiException exception) when (!IsFinal(exception.StatusCode))
            {
                wait = exception.RetryAfter > wait ? exception.RetryAfter.Value : wait;
            }
            catch (OpenRouterConnectionException)
            {
                // It may be there again by the next look.
            }
            finally
            {
                _turns.Release();
            }
        }
    }

    // The key or the question is wrong and will stay so. 404 is "not yet", and anything else may pass.
    private static bool IsFinal(HttpStatusCode status) => (int)status is 400 or 401 or 403;
}
