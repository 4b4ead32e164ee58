using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OpenRouter.Billing.Telemetry;

namespace OpenRouter.Billing.Guard;

/// <summary>Guards the inference requests of an <see cref="HttpClient"/>: asks before sending, books after answering.</summary>
/// <remarks>
/// Requests that are no inference, or go to another address than <see cref="OpenRouterBillingOptions.BaseAddress"/>, pass
/// untouched. A refusal throws one of the exceptions of <see cref="IBillingGuard.ReserveAsync"/> and sends nothing; a refusal
/// by OpenRouter itself throws the same ones, unless <see cref="BillingGuardOptions.ThrowOnServerRefusal"/> is off. A request
/// is never repeated here; inside a retry handler each attempt is counted, outside of one the attempts count as one, and
/// count in full when they fail.
/// The synchronous <c>Send</c> is guarded too and blocks its thread while the account is read.
/// </remarks>
public sealed class BillingGuardHandler : DelegatingHandler
{
    private readonly IBillingGuard _guard;
    private readonly GuardMark _mark;
    private readonly Func<OpenRouterBillingOptions> _options;
    private readonly ServerRefusals _refusals;
    private readonly ILogger _logger;
    private volatile OpenRouterBillingOptions? _lastOptions;
    private int _saidUnguarded;

    /// <summary>Builds a handler; it keeps no state of its own.</summary>
    /// <param name="guard">Decides.</param>
    /// <param name="options">Which address is guarded, and how large a body is read.</param>
    /// <param name="logger">Where failures to book are told; <see langword="null"/> for nowhere.</param>
    /// <param name="timeProvider">The clock; <see langword="null"/> for the system's.</param>
    /// <exception cref="ArgumentException">The options contradict themselves; the message names each, its value and the cure.</exception>
    public BillingGuardHandler(IBillingGuard guard, OpenRouterBillingOptions options, ILogger<BillingGuardHandler>? logger = null, TimeProvider? timeProvider = null)
        : this(guard, () => options, logger, timeProvider) =>
        OpenRouterBillingOptionsValidator.ThrowIfInvalid(options);

    internal BillingGuardHandler(IBillingGuard guard, Func<OpenRouterBillingOptions> options, ILogger<BillingGuardHandler>? logger, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(guard);
        _guard = guard;
        _mark = new GuardMark(guard);
        _options = options;
        _refusals = new ServerRefusals(guard, () => Current().Guard, timeProvider ?? TimeProvider.System);
        _logger = logger ?? NullLogger<BillingGuardHandler>.Instance;
    }

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!IsToBeGuarded(request))
        {
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }

        var reserved = await ReserveAsync(request, cancellationToken).ConfigureAwait(false);
        GuardMark? mark = null;
        HttpResponseMessage response;
        try
        {
            mark = Mark(request, reserved.Lowered);
            response = reserved.Settlement.Watch(await base.SendAsync(request, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception exception)
        {
            reserved.Settlement.Failed(exception);
            throw;
        }
        finally
        {
            mark?.TakeOff(request);
        }

        return await _refusals.InspectAsync(reserved.Asked, response, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!IsToBeGuarded(request))
        {
            return base.Send(request, cancellationToken);
        }

        // The caller chose to block. Asking happens elsewhere: content that is read on the caller's context would wait for it.
        var reserved = Task.Run(() => ReserveAsync(request, cancellationToken).AsTask(), CancellationToken.None).GetAwaiter().GetResult();
        GuardMark? mark = null;
        HttpResponseMessage response;
        try
        {
            mark = Mark(request, reserved.Lowered);
            response = reserved.Settlement.Watch(base.Send(request, cancellationToken));
        }
        catch (Exception exception)
        {
            reserved.Settlement.Failed(exception);
            throw;
        }
        finally
        {
            mark?.TakeOff(request);
        }

        return _refusals.Inspect(reserved.Asked, response, cancellationToken);
    }

    // Options that became wrong while the app runs are for the guard to refuse by. Here the last right ones still say what is guarded.
    private OpenRouterBillingOptions Current()
    {
        try
        {
            return _lastOptions = _options();
        }
#pragma warning disable CA1031 // a value that cannot be converted fails in another way than one that is out of its range
        catch (Exception) when (_lastOptions is not null)
#pragma warning restore CA1031
        {
            return _lastOptions;
        }
    }

    private bool IsToBeGuarded(HttpRequestMessage request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var options = Current();
        if (request.SkipsBillingGuard() || GuardMark.IsOn(request, _guard) || options.Guard.Mode == BillingGuardMode.Off)
        {
            return false;
        }

        var baseAddress = options.BaseAddress;
        var isInference = InferenceEndpoints.Matches(request, baseAddress);
        if (!isInference && InferenceEndpoints.MatchesElsewhere(request) && Interlocked.Exchange(ref _saidUnguarded, 1) == 0)
        {
            GuardLog.PassedUnguarded(_logger, request.RequestUri!.Authority, baseAddress);
        }

        return isInference;
    }

    // Where only the network comes, nobody asks for the mark.
    private GuardMark? Mark(HttpRequestMessage request, HttpContent? lowered) =>
        lowered is null && Routes.IsNetwork(InnerHandler) ? null : _mark.PutOn(request, lowered);

    private async ValueTask<Reserved> ReserveAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var options = Current();
        var asked = await RequestBody.ReadAsync(request, options.Guard.MaxRequestBytes, options.ApiKey, options.Guard.Brake.ComparesBodies, cancellationToken).ConfigureAwait(false);
        asked = request.GetBillingScope() is { } scope ? asked with { Scope = scope } : asked;
        var lease = await BillingHandover.ReserveAsync(_guard, asked, options.ApiKey, cancellationToken).ConfigureAwait(false);
        var lowered = lease.OutputCap is { } cap && request.Content is { } content
            ? await LowerAsync(content, cap, request.RequestUri!, lease).ConfigureAwait(false)
            : null;
        return new Reserved(lowered is null ? asked : asked with { MaxOutputTokens = lease.OutputCap }, new AnswerSettlement(_guard, asked, lease, Routes.Over(InnerHandler), _logger), lowered);
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
            await lease.GiveBackAsync(CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    private readonly record struct Reserved(BillableRequest Asked, AnswerSettlement Settlement, HttpContent? Lowered);
}
