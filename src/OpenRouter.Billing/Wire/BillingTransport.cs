using System.Net.Http.Headers;
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

    /// <summary>A call that changes something with the management key; it is never carried out twice.</summary>
    public BillingCall Write(HttpMethod method, string path, string template)
    {
        var name = $"{method} /{template}";
        return new BillingCall(path, name, ManagementKey(name)) { Method = method, Repetition = Repetition.WhenNeverReceived };
    }

    /// <summary>The same with a body.</summary>
    public BillingCall Write<T>(HttpMethod method, string path, string template, T body, JsonTypeInfo<T> type) =>
        Write(method, path, template) with { Body = JsonSerializer.SerializeToUtf8Bytes(body, type) };

    /// <summary>Sends a GET and reads its JSON; everything but the caller's own cancellation ends in an exception of ours.</summary>
    public Task<T> GetAsync<T>(BillingCall call, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : IWirePayload => SendAsync(call, type, cancellationToken);

    /// <summary>Sends a call and reads its JSON; everything but the caller's own cancellation ends in an exception of ours.</summary>
    public async Task<T> SendAsync<T>(BillingCall call, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : IWirePayload
    {
        var answer = await SendAsync(call, cancellationToken).ConfigureAwait(false);
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

    /// <summary>Whether an exchange failed on its way: the connection, its compression, or an app's own resilience handler that gave up.</summary>
    public static bool IsConnectionFault(Exception exception) =>
        exception is HttpRequestException or IOException or InvalidDataException or ExecutionRejectedException;

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

    private async Task<WireAnswer> SendAsync(BillingCall call, CancellationToken cancellationToken)
    {
        using var total = new CancellationTokenSource(_options.TotalTimeout, _timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(total.Token, cancellationToken);
        var context = ResilienceContextPool.Shared.Get(either.Token);
        context.Properties.Set(BillingRetry.Rule, call.Repetition);
        context.Properties.Set(BillingRetry.StartedAt, _timeProvider.GetTimestamp());
        try
        {
            return await _retry
                .ExecuteAsync(static async (context, state) => await state.self.AttemptAsync(state.call, context).ConfigureAwait(false), context, (self: this, call))
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (cancellationToken.IsCancellationRequested)
        {
            // The same exception, but with the token that the caller knows.
            throw new OperationCanceledException(exception.Message, exception, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The time is up while waiting for another try: what the last try said is worth more than "too slow".
            return context.Properties.GetValue(BillingRetry.LastAnswer, null)
                ?? throw ApiErrors.TimedOut(call, _baseAddress, _options.TotalTimeout, context.Properties.GetValue(BillingRetry.LastFault, null));
        }
        catch (TimeoutException exception)
        {
            throw ApiErrors.TimedOut(call, _baseAddress, _options.AttemptTimeout, exception.InnerException);
        }
        catch (Exception exception) when (IsConnectionFault(exception))
        {
            throw ApiErrors.NotConnected(call, _baseAddress, exception);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private async Task<WireAnswer> AttemptAsync(BillingCall call, ResilienceContext context)
    {
        using var attempt = new CancellationTokenSource(_options.AttemptTimeout, _timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(attempt.Token, context.CancellationToken);
        using var request = CreateRequest(call);
        if (call.Repetition == Repetition.WhenNeverReceived)
        {
            // What the try before ran into says nothing about whether this one arrives.
            context.Properties.Set(BillingRetry.LastFault, null);
        }

        try
        {
            using var response = await _httpClient
                .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token)
                .ConfigureAwait(false);
            var answer = await WireAnswer.ReadAsync(response, call.MaxAnswerBytes, _timeProvider, either.Token).ConfigureAwait(false);
            context.Properties.Set(BillingRetry.LastAnswer, answer.IsPassing ? answer : null);
            return answer;
        }
        catch (OperationCanceledException exception) when (!context.CancellationToken.IsCancellationRequested)
        {
            // Either our bound for one try, or the client's own timeout: both are a try that took too long.
            var fault = new TimeoutException("One attempt took too long.", exception);
            context.Properties.Set(BillingRetry.LastFault, fault);
            throw fault;
        }
        catch (Exception exception) when (IsConnectionFault(exception))
        {
            context.Properties.Set(BillingRetry.LastFault, exception);
            throw;
        }
    }

    private HttpRequestMessage CreateRequest(BillingCall call)
    {
        var request = new HttpRequestMessage(call.Method, new Uri(_baseAddress, call.Path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", call.Key);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (call.Repetition == Repetition.WhenNeverReceived)
        {
            // Even an empty content keeps the handler from silently repeating the request on another connection.
            request.Content = new ReadOnlyMemoryContent(call.Body);
            request.Content.Headers.ContentType = call.Body.IsEmpty ? null : new MediaTypeHeaderValue("application/json");
        }

        return request;
    }
}
