using System.Text.Json;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Foresight;

/// <summary>Who may call the app's hook: one process per cooldown, and no more per day than the app allows.</summary>
internal sealed class ReloadClaims(ISharedState state, string account, TimeProvider timeProvider)
{
    // Two days of claims tell today's, whichever zone a clock is wrong by.
    private static readonly TimeSpan Kept = TimeSpan.FromDays(2);

    private readonly string _name = "foresight/reloads/" + account;

    /// <summary>Claims a reload.</summary>
    /// <returns>Why not; null when it is claimed.</returns>
    public async Task<ReloadOutcome?> TryClaimAsync(ReloadClaim claim, ReloadOptions options, CancellationToken cancellationToken)
    {
        var read = await state.ReadAsync(_name, cancellationToken).ConfigureAwait(false);
        var claims = SharedList.Parse(_name, read, ForesightStateContext.Default.ReloadClaimArray);
        // How long ago the last one was written is told by whatever keeps the state, so that wrong clocks do not matter.
        if (claims.Length > 0 && read!.Age < options.Cooldown)
        {
            return ReloadOutcome.CoolingDown;
        }

        var now = timeProvider.GetUtcNow();
        ReloadClaim[] today = [.. claims.Where(other => other.At.UtcDateTime.Date == now.UtcDateTime.Date)];
        if (today.Length >= options.MaxPerDay || today.Sum(other => other.Amount) + claim.Amount > options.MaxAmountPerDay)
        {
            return ReloadOutcome.DayIsFull;
        }

        ReloadClaim[] kept = [.. claims.Where(other => (now - other.At).Duration() < Kept), claim];
        var text = JsonSerializer.Serialize(kept, ForesightStateContext.Default.ReloadClaimArray);
        return await state.TryWriteAsync(_name, text, read?.Version ?? 0, cancellationToken: cancellationToken).ConfigureAwait(false) ? null : ReloadOutcome.TakenByAnother;
    }
}
