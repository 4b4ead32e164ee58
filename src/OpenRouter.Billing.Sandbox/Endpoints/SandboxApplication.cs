using System.Globalization;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace OpenRouter.Billing.Sandbox;

/// <summary>Takes requests from Kestrel, records them, plays faults, and finds the endpoint.</summary>
internal sealed class SandboxApplication(OpenRouterSandboxOptions options, KeyRing ring, ModelCatalog catalog, CancellationToken stopping) : IHttpApplication<HttpContext>
{
    public const string BasePath = "/api/v1";

    private readonly CreditsEndpoint _credits = new(options);
    private readonly KeyEndpoint _key = new(options);
    private readonly ActivityEndpoint _activity = new(catalog);
    private readonly AnalyticsEndpoint _analytics = new(catalog);
    private readonly GenerationEndpoint _generation = new(options);
    private readonly ModelsEndpoint _models = new(catalog);
    private readonly ModelEndpointsEndpoint _modelEndpoints = new(catalog);
    private readonly SessionCostEndpoint _sessionCosts = new(catalog);

    public SandboxFaults Faults { get; } = new();

    public SandboxRequests Requests { get; } = new(options.RecordedRequests);

    public InferenceEndpoint Inference { get; } = new(options, catalog);

    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public void DisposeContext(HttpContext context, Exception? exception)
    {
    }

    public async Task ProcessRequestAsync(HttpContext context)
    {
        try
        {
            SandboxRequest request = await ReadAsync(context).ConfigureAwait(false);
            Requests.Add(request);
            using Exchange exchange = new(context, request, Faults.Take(request), options.TimeProvider, stopping);
            await HandleAsync(exchange).ConfigureAwait(false);
        }
        catch (BadHttpRequestException tooLarge) when (tooLarge.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            context.Response.StatusCode = tooLarge.StatusCode;
            context.Response.ContentType = "application/json";
            await context.Response.Body.WriteAsync(ErrorBody.Of(Refused.PayloadTooLarge), stopping).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested || stopping.IsCancellationRequested)
        {
            // Nobody is left to answer.
            context.Abort();
        }
    }

    private static async Task<SandboxRequest> ReadAsync(HttpContext context)
    {
        using StreamReader reader = new(context.Request.Body);
        // Documentation and clients spell paths with and without a slash at the end.
        string path = (context.Request.Path.Value ?? "").TrimEnd('/');
        return new SandboxRequest
        {
            Method = context.Request.Method,
            // What lies beside the base address is no endpoint, as with the real service.
            Path = path.StartsWith(BasePath + "/", StringComparison.Ordinal) ? path[BasePath.Length..] : "/../.." + path,
            Query = context.Request.QueryString.Value ?? "",
            Body = await reader.ReadToEndAsync(context.RequestAborted).ConfigureAwait(false),
            KeyHash = Exchange.SecretIn(context) is { } secret ? SandboxKey.HashOf(secret) : null,
        };
    }

    private async Task HandleAsync(Exchange exchange)
    {
        // Kestrel would take the system's clock, and a client that compares clocks would be misled.
        exchange.SetHeader("Date", exchange.Now.ToString("R", CultureInfo.InvariantCulture));
        exchange.SetHeader("Access-Control-Allow-Origin", "*");
        exchange.SetHeader("Access-Control-Expose-Headers", "X-Generation-Id,X-Provider-Name,request-id,cf-ray");
        if (exchange.Faults.Replacement(billed: false) is { } fault)
        {
            await exchange.FailAsync(fault).ConfigureAwait(false);
            return;
        }

        if (FormatOf(exchange.Request.Route) is { } format)
        {
            await AuthenticatedAsync(exchange, format, caller => Inference.HandleAsync(exchange, caller, format)).ConfigureAwait(false);
            return;
        }

        await exchange.HoldAsync().ConfigureAwait(false);
        if (exchange.Faults.Replacement(billed: true) is { } late)
        {
            exchange.FailInstead(late);
        }

        await AnswerAsync(exchange).ConfigureAwait(false);
    }

    private Task AnswerAsync(Exchange exchange) => exchange.Request.Route switch
    {
        "GET /credits" => AuthenticatedAsync(exchange, null, caller => _credits.HandleAsync(exchange, caller)),
        "GET /key" or "GET /auth/key" => AuthenticatedAsync(exchange, null, caller => _key.HandleAsync(exchange, caller)),
        "GET /activity" => AuthenticatedAsync(exchange, null, caller => _activity.HandleAsync(exchange, caller)),
        "GET /analytics/meta" or "POST /analytics/query" => AuthenticatedAsync(exchange, null, caller => ManagementEndpoints.RunAsync(exchange, caller, _analytics.Handle)),
        "GET /generation" => AuthenticatedAsync(exchange, null, caller => _generation.HandleAsync(exchange, caller)),
        "GET /models" => _models.HandleAsync(exchange),
        "GET /models/count" => _models.CountAsync(exchange),
        "GET /models/user" => AuthenticatedAsync(exchange, null, _ => _models.HandleAsync(exchange)),
        "GET /datasets/session-cost" => AuthenticatedAsync(exchange, null, caller => _sessionCosts.HandleAsync(exchange, caller)),
        _ when exchange.Request.Route.StartsWith("GET /model/", StringComparison.Ordinal) => _models.OneAsync(exchange, exchange.Request.Route["GET /model/".Length..]),
        _ when ManagementEndpoints.Find(exchange) is { } handle => AuthenticatedAsync(exchange, null, caller => ManagementEndpoints.RunAsync(exchange, caller, handle)),
        // What is no model's path is not found there either.
        _ => _modelEndpoints.HandleAsync(exchange),
    };

    private AnswerFormat? FormatOf(string route) => route switch
    {
        "POST /chat/completions" => new ChatFormat(),
        "POST /completions" => new TextFormat(),
        "POST /responses" => new ResponsesFormat(),
        "POST /messages" => new MessagesFormat(options.ShowCostInMessageStreams),
        _ => null,
    };

    private Task AuthenticatedAsync(Exchange exchange, AnswerFormat? format, Func<SandboxKey, Task> handle)
    {
        SandboxKey? caller = null;
        Refusal? refusal = exchange.Secret is not { } secret ? Refused.MissingHeader
            : !ring.TryFind(secret, out caller) ? Refused.UnknownKey
            : caller.Disabled ? Refused.DisabledKey
            : caller.ExpiresAt <= exchange.Now ? Refused.ExpiredKey
            : null;
        return refusal is null ? handle(caller!) : exchange.RefuseAsync(refusal, format?.Refusal(refusal));
    }
}
