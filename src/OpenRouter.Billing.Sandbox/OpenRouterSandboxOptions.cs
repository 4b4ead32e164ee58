namespace OpenRouter.Billing.Sandbox;

/// <summary>Settings of an <see cref="OpenRouterSandbox"/>. They are read when it starts; later changes have no effect.</summary>
public sealed class OpenRouterSandboxOptions
{
    /// <summary>Gets or sets the port on 127.0.0.1.</summary>
    /// <value>0 (the default) for any free one.</value>
    public int Port { get; set; }

    /// <summary>Gets or sets the clock behind all windows, delays and timestamps.</summary>
    /// <value>The system's clock by default.</value>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Gets or sets the credits that the default account has purchased.</summary>
    /// <value>US dollars; 10 by default.</value>
    public decimal InitialCredits { get; set; } = 10m;

    /// <summary>Gets or sets the ordinary key of the default account.</summary>
    /// <value><see langword="null"/> (the default) for a random one.</value>
    public string? ApiKey { get; set; }

    /// <summary>Gets or sets the management key of the default account.</summary>
    /// <value><see langword="null"/> (the default) for a random one.</value>
    public string? ManagementKey { get; set; }

    /// <summary>Gets the models that can be called; add to them or clear them.</summary>
    /// <value>16 well-known models at their prices of October 2026 by default.</value>
    public IList<SandboxModel> Models { get; } = [.. DefaultModels.All];

    /// <summary>Gets or sets whether the dearest provider of a model serves each request, instead of the one that the list of models names.</summary>
    /// <value><see langword="false"/> by default. The real service chooses by price, speed and load, so that any may serve.</value>
    public bool ServeByDearestProvider { get; set; }

    /// <summary>Gets or sets how long an answer is when no output cap cuts it short.</summary>
    /// <value>Tokens, at least 1; 16 by default.</value>
    public int OutputTokens { get; set; } = 16;

    /// <summary>Gets or sets how much of an answer one event of a stream carries.</summary>
    /// <value>Tokens, at least 1; 4 by default.</value>
    public int TokensPerChunk { get; set; } = 4;

    /// <summary>Gets or sets how often a whole answer is preceded by the 11 bytes of white space that keep slow connections open.</summary>
    /// <value>Repetitions; 1 by default.</value>
    public int KeepAliveUnits { get; set; } = 1;

    /// <summary>Gets or sets what <c>GET /credits</c> answers to an ordinary key.</summary>
    /// <value><see cref="OrdinaryKeyCredits.Forbidden"/> by default.</value>
    public OrdinaryKeyCredits CreditsForOrdinaryKeys { get; set; }

    /// <summary>Gets or sets whether <c>GET /key</c> lists <c>budgets</c> and <c>effective_budget</c>, which older servers leave out.</summary>
    /// <value><see langword="true"/> by default.</value>
    public bool ShowBudgets { get; set; } = true;

    /// <summary>Gets or sets whether a stream of <c>/messages</c> names its cost at the end; otherwise only <c>GET /generation</c> does.</summary>
    /// <value><see langword="true"/> by default.</value>
    public bool ShowCostInMessageStreams { get; set; } = true;

    /// <summary>Gets or sets whether streams too are compressed for a client that asks for it; whole answers always are.</summary>
    /// <value><see langword="false"/> by default, as on the real service.</value>
    public bool CompressStreams { get; set; }

    /// <summary>Gets or sets how far the counter of free requests in <c>GET /key</c> lags behind. Enforcement never lags.</summary>
    /// <value>Zero by default.</value>
    public TimeSpan FreeCounterLag { get; set; }

    /// <summary>Gets or sets how long after the answer its cost is booked.</summary>
    /// <value>Zero by default: booked before the client has the last byte.</value>
    public TimeSpan BookingDelay { get; set; }

    /// <summary>Gets or sets how long <c>GET /generation</c> answers 404 after the completion.</summary>
    /// <value>3 seconds by default.</value>
    public TimeSpan GenerationDelay { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Gets or sets whether a stream that the client leaves is billed in full, as by providers that cannot cancel.</summary>
    /// <value><see langword="false"/> by default: the prompt and what was sent until then.</value>
    public bool BillAbortedStreamsInFull { get; set; }

    /// <summary>Gets or sets the part of the balance that running requests may hold together; beyond it a request gets 402 with <c>Retry-After</c>.</summary>
    /// <value>
    /// A fraction such as 0.5; <see langword="null"/> (the default) for no in-flight budget. Without one, parallel requests
    /// are each checked against the booked balance only, so together they can drive it below zero.
    /// </value>
    public decimal? InFlightShare { get; set; }

    /// <summary>Gets or sets the most output tokens that a held estimate counts.</summary>
    /// <value>Tokens; 4096 by default.</value>
    public int InFlightOutputTokens { get; set; } = 4096;

    /// <summary>Gets or sets how long the actual cost stays held after the answer.</summary>
    /// <value>Zero by default.</value>
    public TimeSpan InFlightSettling { get; set; }

    /// <summary>Gets or sets the <c>Retry-After</c> of an in-flight refusal.</summary>
    /// <value>120 seconds by default; sent in whole seconds, rounded up.</value>
    public TimeSpan InFlightRetryAfter { get; set; } = TimeSpan.FromSeconds(120);

    /// <summary>Gets or sets how many of the latest requests, with their bodies, <see cref="SandboxRequests.Latest"/> keeps.</summary>
    /// <value>Requests; 10,000 by default.</value>
    public int RecordedRequests { get; set; } = 10_000;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(RecordedRequests);
        ArgumentOutOfRangeException.ThrowIfNegative(Port);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Port, ushort.MaxValue, nameof(Port));
        ArgumentOutOfRangeException.ThrowIfNegative(InitialCredits);
        ArgumentOutOfRangeException.ThrowIfLessThan(OutputTokens, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(TokensPerChunk, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(KeepAliveUnits);
        ArgumentOutOfRangeException.ThrowIfLessThan(InFlightOutputTokens, 0);
        ArgumentNullException.ThrowIfNull(TimeProvider);
        if (InFlightShare is not (null or (> 0 and <= 1)))
        {
            throw new ArgumentOutOfRangeException(nameof(InFlightShare), InFlightShare, "The in-flight share is a fraction above 0 and up to 1, or null for no in-flight budget.");
        }
    }
}
