using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Sql;

/// <summary>An allowance that is being asked for.</summary>
/// <param name="Order">What the shared ledger is asked.</param>
/// <param name="Amounts">How much of each unit.</param>
/// <param name="Extra">How much of that is for requests to come.</param>
/// <param name="AskedAt">When, by the steady clock, before the ledger is asked.</param>
internal sealed record Draft(Order Order, Units Amounts, Units Extra, long AskedAt);
