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
    // The same guard twice in one chain must not count a request twice. Another one guards another account.
    private static readonly HttpRequestOptionsKey<Guarding?> ByWhom = new("OpenRouter.Billing.GuardedBy");

    private readonly IBillingGuard _guard;
    private readonly Guarding _onlyMark;
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
        _onlyMark = new Guarding(guard, null, null);
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
        Guarding? mark = null;
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
            Unmark(request, mark);
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
        Guarding? mark = null;
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
            Unmark(request, mark);
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
        if (request.SkipsBillingGuard() || IsGuardedAlready(request) || options.Guard.Mode == BillingGuardMode.Off)
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

    private bool IsGuardedAlready(HttpRequestMessage request)
    {
        request.Options.TryGetValue(ByWhom, out var guarding);
        for (; guarding is not null; guarding = guarding.Outer)
        {
            if (ReferenceEquals(guarding.Guard, _guard))
            {
                return true;
            }
        }

        return false;
    }

    // Taken back after sending: a retry handler outside of this one sends the same message again, and that is guarded too.
    private Guarding? Mark(HttpRequestMessage request, HttpContent? lowered)
    {
        if (lowered is null && IsNetwork(InnerHandler))
        {
            return null;
        }

        request.Options.TryGetValue(ByWhom, out var outer);
        var mark = outer is null && lowered is null ? _onlyMark : new Guarding(_guard, outer, lowered is null ? null : request.Content);
        request.Options.Set(ByWhom, mark);
        if (lowered is not null)
        {
            request.Content = lowered;
        }

        return mark;
    }

    private static void Unmark(HttpRequestMessage request, Guarding? mark)
    {
        // Not marked: whoever marked it before still guards it.
        if (mark is null)
        {
            return;
        }

        request.Options.Set(ByWhom, mark.Outer);
        if (mark.OwnContent is not { } content)
        {
            return;
        }

        try
        {
            request.Content = content;
        }
        catch (ObjectDisposedException)
        {
            // Whoever disposed the message sends it no more.
        }
    }

    private async ValueTask<Reserved> ReserveAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var options = Current();
        var asked = await RequestBody.ReadAsync(request, options.Guard.MaxRequestBytes, options.ApiKey, options.Guard.Brake.ComparesBodies, cancellationToken).ConfigureAwait(false);
        asked = request.GetBillingScope() is { } scope ? asked with { Scope = scope } : asked;
        var lease = await BillingHandover.ReserveAsync(_guard, asked, options.ApiKey, cancellationToken).ConfigureAwait(false);
        var lowered = lease.OutputCap is { } cap && request.Content is { } content
            ? await LowerAsync(content, cap, request.RequestUri!, lease).ConfigureAwait(false)
            : null;
        return new Reserved(lowered is null ? asked : asked with { MaxOutputTokens = lease.OutputCap }, new AnswerSettlement(_guard, asked, lease, RouteOver(InnerHandler), _logger), lowered);
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

    private static Route RouteOver(HttpMessageHandler? inner) => IsNetwork(inner) ? Route.Sockets : SendsOnce(inner) ? Route.SendsOnce : Route.MayRepeat;

    // Any handler between this one and the network may send more than once. The factory's own, which log, do not.
    private static bool SendsOnce(HttpMessageHandler? inner)
    {
        while (inner is DelegatingHandler handler)
        {
            if (handler is not BillingGuardHandler && !IsOfFactory(handler))
            {
                return false;
            }

            inner = handler.InnerHandler;
        }

        return true;
    }

    // Whether only the framework's own handlers come, so that nobody asks for the mark.
    private static bool IsNetwork(HttpMessageHandler? inner)
    {
        while (inner is DelegatingHandler handler && IsOfFactory(handler))
        {
            inner = handler.InnerHandler;
        }

        return inner is SocketsHttpHandler || inner?.GetType() == typeof(HttpClientHandler);
    }

    private static bool IsOfFactory(DelegatingHandler handler) => handler.GetType().Assembly == typeof(IHttpClientFactory).Assembly;

    private sealed record Guarding(IBillingGuard Guard, Guarding? Outer, HttpContent? OwnContent);

    private readonly record struct Reserved(BillableRequest Asked, AnswerSettlement Settlement, HttpContent? Lowered);
}
