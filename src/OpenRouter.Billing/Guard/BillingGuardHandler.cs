using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing.Guard;

/// <summary>Guards the inference requests of an <see cref="HttpClient"/>: asks before sending, books after answering.</summary>
/// <remarks>
/// Requests that are no inference, or go to another address than <see cref="OpenRouterBillingOptions.BaseAddress"/>, pass
/// untouched. A refusal throws one of the exceptions of <see cref="IBillingGuard.ReserveAsync"/> and sends nothing. A request
/// is never repeated here; inside a retry handler each attempt is counted, outside of one the attempts count as one.
/// The synchronous <c>Send</c> is guarded too and blocks its thread while the account is read.
/// </remarks>
public sealed class BillingGuardHandler : DelegatingHandler
{
    // Two guards in one chain must not count a request twice; the outer one does the work.
    private static readonly HttpRequestOptionsKey<bool> IsBeingGuarded = new("OpenRouter.Billing.IsBeingGuarded");

    // What the caller gave, while an attempt with a lower output cap is under way.
    private static readonly HttpRequestOptionsKey<HttpContent> OwnContent = new("OpenRouter.Billing.OwnContent");

    private readonly IBillingGuard _guard;
    private readonly Uri _baseAddress;
    private readonly int _maxRequestBytes;
    private readonly ILogger _logger;

    /// <summary>Builds a handler; it keeps no state of its own.</summary>
    /// <param name="guard">Decides.</param>
    /// <param name="options">Which address is guarded, and how large a body is read.</param>
    /// <param name="logger">Where failures to book are told; <see langword="null"/> for nowhere.</param>
    public BillingGuardHandler(IBillingGuard guard, OpenRouterBillingOptions options, ILogger<BillingGuardHandler>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(guard);
        OpenRouterBillingOptionsValidator.ThrowIfInvalid(options);
        _guard = guard;
        _baseAddress = BaseAddresses.WithSlash(options.BaseAddress);
        _maxRequestBytes = options.Guard.MaxRequestBytes;
        _logger = logger ?? NullLogger<BillingGuardHandler>.Instance;
    }

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!IsToBeGuarded(request))
        {
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }

        var settlement = await ReserveAsync(request, cancellationToken).ConfigureAwait(false);
        request.Options.Set(IsBeingGuarded, true);
        try
        {
            return settlement.Watch(await base.SendAsync(request, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception exception)
        {
            settlement.Failed(exception);
            throw;
        }
        finally
        {
            Unmark(request);
        }
    }

    /// <inheritdoc/>
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!IsToBeGuarded(request))
        {
            return base.Send(request, cancellationToken);
        }

        // The caller chose to block. No await inside resumes on its context, so this cannot deadlock.
        var settlement = ReserveAsync(request, cancellationToken).AsTask().GetAwaiter().GetResult();
        request.Options.Set(IsBeingGuarded, true);
        try
        {
            return settlement.Watch(base.Send(request, cancellationToken));
        }
        catch (Exception exception)
        {
            settlement.Failed(exception);
            throw;
        }
        finally
        {
            Unmark(request);
        }
    }

    private bool IsToBeGuarded(HttpRequestMessage request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return InferenceEndpoints.Matches(request, _baseAddress)
            && !request.SkipsBillingGuard()
            && !request.Options.TryGetValue(IsBeingGuarded, out _);
    }

    private async ValueTask<AnswerSettlement> ReserveAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var asked = await RequestBody.ReadAsync(request, _maxRequestBytes, cancellationToken).ConfigureAwait(false);
        var lease = await _guard.ReserveAsync(asked, cancellationToken).ConfigureAwait(false);
        if (lease.OutputCap is { } cap && request.Content is { } content)
        {
            request.Options.Set(OwnContent, content);
            request.Content = await LowerAsync(content, cap, request.RequestUri!, lease).ConfigureAwait(false);
        }

        return new AnswerSettlement(lease, asked.HasPaidAddOns, _logger);
    }

    // The body is in memory by now, so nothing is waited for.
    private static async ValueTask<HttpContent> LowerAsync(HttpContent content, long cap, Uri address, BillingLease lease)
    {
        try
        {
            return await OutputCapRewriter.LowerAsync(content, cap, address, CancellationToken.None).ConfigureAwait(false);
        }
        catch
        {
            await lease.ReleaseAsync().ConfigureAwait(false);
            throw;
        }
    }

    // A retry handler outside of this one sends the same message again, and that attempt must be guarded too, with its own body.
    private static void Unmark(HttpRequestMessage request)
    {
        var options = (IDictionary<string, object?>)request.Options;
        options.Remove(IsBeingGuarded.Key);
        if (request.Options.TryGetValue(OwnContent, out var content))
        {
            request.Content = content;
            options.Remove(OwnContent.Key);
        }
    }
}
