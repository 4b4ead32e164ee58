namespace OpenRouter.Billing.Guard;

/// <summary>Is told of the runaway brake, beside the requests. Safe for concurrent use; lives as long as the app.</summary>
/// <remarks>Registered with <c>AddBrakeObserver</c>. What it throws goes into the guard's log.</remarks>
public interface IBrakeObserver
{
    /// <summary>Takes in that the brake has come on, whatever it does about it.</summary>
    /// <param name="trip">What was found.</param>
    /// <param name="cancellationToken">Ends after 30 seconds.</param>
    /// <returns>When it is taken in.</returns>
    ValueTask TrippedAsync(BrakeTrip trip, CancellationToken cancellationToken = default);

    /// <summary>Takes in that somebody took the brake off with <see cref="RunawayBrake.Reset"/>.</summary>
    /// <param name="trips">What it was on for; never empty.</param>
    /// <param name="cancellationToken">Ends after 30 seconds.</param>
    /// <returns>When it is taken in.</returns>
    ValueTask ResetAsync(IReadOnlyList<BrakeTrip> trips, CancellationToken cancellationToken = default);
}
