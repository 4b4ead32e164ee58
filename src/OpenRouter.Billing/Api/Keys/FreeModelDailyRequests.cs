namespace OpenRouter.Billing;

/// <summary>The account's requests to <c>:free</c> models in the current UTC day.</summary>
/// <remarks>The server counts refused attempts too and reports with a delay of minutes.</remarks>
public sealed record FreeModelDailyRequests
{
    /// <summary>Gets how many requests were counted.</summary>
    /// <value>Requests, possibly more than <see cref="Limit"/>; <see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>data.free_model_daily_requests.used</c> of <c>GET /key</c>.</remarks>
    public long? Used { get; init; }

    /// <summary>Gets how many requests a day the account may make.</summary>
    /// <value>Requests; <see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>data.free_model_daily_requests.limit</c> of <c>GET /key</c>.</remarks>
    public long? Limit { get; init; }

    /// <summary>Gets how many requests are left today.</summary>
    /// <value>Requests; <see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>data.free_model_daily_requests.remaining</c> of <c>GET /key</c>, else the limit less what was used.</remarks>
    public long? Remaining { get; init; }
}
