using System.Text.Json;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Foresight;

/// <summary>The purchases that the app recorded, in the state that its processes share.</summary>
internal sealed class PurchaseBook(ISharedState state, string account)
{
    public const int MostKept = 1000;

    // One writer wins each round, so only a thousand writers at once lose so often.
    private const int MostAttempts = 1000;

    private readonly string _name = "foresight/purchases/" + account;

    public async Task<IReadOnlyList<Purchase>> ReadAsync(CancellationToken cancellationToken) =>
        Parse(await state.ReadAsync(_name, cancellationToken).ConfigureAwait(false));

    public async Task RecordAsync(Purchase purchase, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MostAttempts; attempt++)
        {
            var read = await state.ReadAsync(_name, cancellationToken).ConfigureAwait(false);
            Purchase[] kept =
            [
                .. Parse(read).Where(other => other.Id != purchase.Id).Append(purchase)
                    .OrderBy(other => other.PaidAt).ThenBy(other => other.Id, StringComparer.Ordinal).TakeLast(MostKept),
            ];
            var text = JsonSerializer.Serialize(kept, ForesightStateContext.Default.PurchaseArray);
            if (await state.TryWriteAsync(_name, text, read?.Version ?? 0, cancellationToken: cancellationToken).ConfigureAwait(false))
            {
                return;
            }
        }

        throw new TimeoutException($"The purchase could not be recorded: others wrote {MostAttempts} times in between. Try again.");
    }

    private Purchase[] Parse(SharedValue? value) => SharedList.Parse(_name, value, ForesightStateContext.Default.PurchaseArray);
}
