using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Polly;

namespace OpenRouter.Billing.Wire;

/// <summary>Sends calls: one key each, bounded in time and size, repeated where that is safe.</summary>
internal sealed class BillingTransport
{
    private readonly HttpClient _httpClient;
    private readonly OpenRouterBillingOptions _options;
    private readonly Uri _baseAddress;
    private readonly TimeProvider _timeProvider;
    private readonly ResiliencePipeline<WireAnswer> _retry;
    private AuthenticationHeaderValue? _authorization;

    public BillingTransport(HttpClient httpClient, OpenRouterBillingOptions options, TimeProvider timeProvider)
    {
        _httpClient = httpClient;
        _options = options;
        _baseAddress = BaseAddresses.WithSlash(options.BaseAddress);
        _timeProvider = timeProvider;
        _retry = BillingRetry.Build(options, timeProvider);
    }

    /// <summary>The inference key, or an exception that names the option to set.</summary>
    public string ApiKey(string call) => _options.ApiKey ?? throw new CredentialMissingException(call, nameof(_options.ApiKey));

    /// <summary>The management key, or an exception that names the option to set.</summary>
    public string ManagementKey(string call) => _options.ManagementKey ?? throw new CredentialMissingException(call, nameof(_options.ManagementKey));

    /// <summary>Whichever key there is, for a call that needs none in particular.</summary>
    public string AnyKey(string call) => _options.ApiKey ?? ManagementKey(call);

    /// <summary>A call that reads with the management key.</summary>
    /// <param name="path">Path and query below the base address.</param>
    /// <param name="template">The path as messages show it, without identifiers.</param>
    public BillingCall Read(string path, string template)
    {
        var name = "GET /" + template;
        return new BillingCall(path, name, ManagementKey(name));
    }

    /// <summary>A call that reads with the management key what a body describes: a POST, but one that may be repeated like any reading.</summary>
    public BillingCall Query<T>(string path, T body, JsonTypeInfo<T> type)
    {
        var name = "POST /" + path;
        return new BillingCall(path, name, ManagementKey(name)) { Method = HttpMethod.Post, Body = JsonSerializer.SerializeToUtf8Bytes(body, type), Repetition = Repetition.AfterPassingFaults };
    }

    /// <summary>A call that changes something with the management key; it is never carried out twice.</summary>
    public BillingCall Write(HttpMethod method, string path, string template)
    {
        var name = $"{method} /{template}";
        return new BillingCall(path, name, ManagementKey(name)) { Method = method, Repetition = Repetition.WhenNeverReceived };
    }

    /// <summary>The same with a body.</summary>
    public BillingCall Write<T>(HttpMethod method, string path, string template, T body, JsonTypeInfo<T> type) =>
        Write(method, path, template) with { Body = JsonSerializer.SerializeToUtf8Bytes(body, type) };

    /// <summary>Sends a call and reads its JSON; everything but the caller's own cancellation ends in an exception of ours.</summary>
    public async Task<T> SendAsync<T>(BillingCall call, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : IWirePayload
    {
        using var answer = await SendAsync(call, cancellationToken).ConfigureAwait(false);
        if (!answer.IsSuccess)
        {
            throw ApiErrors.Refused(call, answer);
        }

        if (answer.IsTruncated)
        {
            throw ApiErrors.TooLarge(call, answer);
        }

        return Parse(call, answer, type);
    }

    private static T Parse<T>(BillingCall call, WireAnswer answer, JsonTypeInfo<T> type)
        where T : IWirePayload
    {
        T? payload;
        try
        {
            payload = JsonSerializer.Deserialize(answer.Body.Span, type);
        }
        catch (JsonException exception)
        {
            throw answer.Error.IsError ? ApiErrors.Refused(call, answer) : ApiErrors.Unreadable(call, answer, exception);
        }

        var missing = payload is null ? "data" : payload.FindMissing();
        if (missing is null)
        {
            return payload!;
        }

        // A 200 can hold an error instead of data.
        throw answer.Error.IsError ? ApiErrors.Refused(call, answer) : ApiErrors.Incomplete(call, answer, missing);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<WireAnswer> SendAsync(BillingCall call, CancellationToken cancellationToken)
    {
        var state = new CallState(call, _timeProvider.GetTimestamp());
        using var total = new CancellationTokenSource(_options.TotalTimeout, _timeProvider);
        using var caller = EndWith(total, cancellationToken);
        try
        {
            // Most calls end here; the machinery for repeats is started for those that do not.
            state.First = await TryAttemptAsync(state, total.Token).ConfigureAwait(false);
            return state.First is { Result: { IsPassing: false } answer } ? answer : await RepeatAsync(state, total.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (cancellationToken.IsCancellationRequested)
        {
            // The same exception, but with the token that the caller knows.
            throw new OperationCanceledException(exception.Message, exception, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The time is up while waiting for another try: what the last try said is worth more than "too slow".
            return state.LastAnswer ?? throw ApiErrors.TimedOut(call, _baseAddress, _options.TotalTimeout, state.LastFault);
        }
        catch (TimeoutException exception)
        {
            throw ApiErrors.TimedOut(call, _baseAddress, _options.AttemptTimeout, exception.InnerException);
        }
        catch (Exception exception) when (ConnectionFault.IsOne(exception))
        {
            throw ApiErrors.NotConnected(call, _baseAddress, exception);
        }
    }

    private async ValueTask<WireAnswer> RepeatAsync(CallState state, CancellationToken cancellationToken)
    {
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(CallState.Key, state);
        try
        {
            var outcome = await _retry
                .ExecuteOutcomeAsync(static (context, attempt) => attempt.Self.NextAsync(attempt.State, context.CancellationToken), context, (Self: this, State: state))
                .ConfigureAwait(false);
            outcome.ThrowIfException();
            return outcome.Result!;
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private ValueTask<Outcome<WireAnswer>> NextAsync(CallState state, CancellationToken cancellationToken)
    {
        if (state.First is not { } first)
        {
            return TryAttemptAsync(state, cancellationToken);
        }

        state.First = null;
        return ValueTask.FromResult(first);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Outcome<WireAnswer>> TryAttemptAsync(CallState state, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var attempt = new CancellationTokenSource(_options.AttemptTimeout, _timeProvider);
        using var whole = EndWith(attempt, cancellationToken);
        using var request = CreateRequest(state.Call);
        if (state.Call.Repetition == Repetition.WhenNeverReceived)
        {
            // What the try before ran into says nothing about whether this one arrives.
            state.LastFault = null;
        }

        try
        {
            using var response = await _httpClient
                .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, attempt.Token)
                .ConfigureAwait(false);
            var answer = await WireAnswer.ReadAsync(response, state.Call.MaxAnswerBytes, _timeProvider, attempt.Token).ConfigureAwait(false);
            state.LastAnswer = answer.IsPassing ? answer : null;
            return Outcome.FromResult(answer);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Either our bound for one try, or the client's own timeout: both are a try that took too long.
            var fault = new TimeoutException("One attempt took too long.", exception);
            state.LastFault = fault;
            return Outcome.FromException<WireAnswer>(fault);
        }
        catch (Exception exception) when (ConnectionFault.IsOne(exception))
        {
            state.LastFault = exception;
            return Outcome.FromException<WireAnswer>(exception);
        }
    }

    // A linked source would be a second one to build for each of them.
    private static CancellationTokenRegistration EndWith(CancellationTokenSource source, CancellationToken cancellationToken) =>
        cancellationToken.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), source);

    // Most calls carry the same key as the one before.
    private AuthenticationHeaderValue AuthorizationOf(string key)
    {
        var latest = _authorization;
        return latest is not null && ReferenceEquals(latest.Parameter, key) ? latest : _authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    private HttpRequestMessage CreateRequest(BillingCall call)
    {
        var request = new HttpRequestMessage(call.Method, new Uri(_baseAddress, call.Path));
        request.Headers.Authorization = AuthorizationOf(call.Key);
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        if (call.Repetition == Repetition.WhenNeverReceived || !call.Body.IsEmpty)
        {
            // Even an empty content keeps the handler from silently repeating a change on another connection.
            request.Content = new ReadOnlyMemoryContent(call.Body);
            request.Content.Headers.ContentType = call.Body.IsEmpty ? null : new MediaTypeHeaderValue("application/json");
        }

        return request;
    }
}
