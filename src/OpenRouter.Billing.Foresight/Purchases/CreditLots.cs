namespace OpenRouter.Billing.Foresight;

/// <summary>Tells which purchases the account's credits come from: what was bought first is used first.</summary>
internal static class CreditLots
{
    /// <param name="purchases">What the app has recorded, in any order.</param>
    /// <param name="balance">What the account has bought and used.</param>
    /// <param name="options">How long credits last.</param>
    /// <param name="now">When.</param>
    /// <param name="perDay">What is spent in a day, in US dollars; null when unknown.</param>
    public static IReadOnlyList<CreditLot> Of(IEnumerable<Purchase> purchases, CreditBalance balance, PurchaseOptions options, DateTimeOffset now, decimal? perDay)
    {
        Purchase[] ordered = [.. purchases.OrderBy(purchase => purchase.PaidAt).ThenBy(purchase => purchase.Id, StringComparer.Ordinal)];
        var recorded = ordered.Sum(purchase => purchase.Credits);
        // Credits that nobody recorded are taken for the oldest. So what is left of a recorded purchase is rather too much than too little.
        var used = Math.Max(0, balance.TotalUsage - Math.Max(0, balance.TotalCredits - recorded));
        // What was recorded and does not show yet is on its way: the newest come last.
        var arrived = Math.Min(recorded, Math.Max(0, balance.TotalCredits));
        var lots = new List<CreditLot>(ordered.Length);
        var ahead = 0m;
        foreach (var purchase in ordered)
        {
            var here = Math.Clamp(arrived, 0, purchase.Credits);
            var unused = here - Math.Clamp(used, 0, here);
            arrived -= here;
            used -= here - unused;
            ahead += unused;
            var expiresAt = purchase.PaidAt.ToUniversalTime().AddMonths(options.MonthsUntilExpiry);
            lots.Add(new CreditLot { Purchase = purchase, Arrived = here, Unused = unused, ExpiresAt = expiresAt, ExpectedToExpire = Left(unused, ahead, perDay, expiresAt - now) });
        }

        return lots;
    }

    // All that was bought before is used first.
    private static decimal? Left(decimal unused, decimal ahead, decimal? perDay, TimeSpan left)
    {
        if (perDay is not { } daily)
        {
            return null;
        }

        var days = Math.Max(0, left.Ticks) / (decimal)TimeSpan.TicksPerDay;
        // A product that no decimal holds is more than any purchase.
        return daily > 0 && days > ahead / daily ? 0 : decimal.Round(Math.Clamp(ahead - (daily * days), 0, unused), 9);
    }
}
