using System.Globalization;
using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing;

/// <summary>Lowers one budget, then raises another. What is not certain is never undone by a change that could allot the money twice.</summary>
#pragma warning disable CA1001 // the semaphore holds nothing to dispose of while nobody asks for its wait handle
internal sealed class BudgetMover(WorkspaceBudgetsClient budgets)
#pragma warning restore CA1001
{
    // Two moves at once would both start from what stood before, and the money of one would be lost or made. Other processes are not kept out.
    private readonly SemaphoreSlim _turn = new(1, 1);

    public async Task<BudgetMove> MoveAsync(string fromWorkspace, string toWorkspace, BudgetInterval interval, decimal amount, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await MoveInTurnAsync(fromWorkspace, toWorkspace, interval, amount, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<BudgetMove> MoveInTurnAsync(string fromWorkspace, string toWorkspace, BudgetInterval interval, decimal amount, CancellationToken cancellationToken)
    {
        SentMoney.Positive(amount, nameof(amount));
        var source = await budgets.ListAsync(fromWorkspace, cancellationToken).ConfigureAwait(false);
        var target = await budgets.ListAsync(toWorkspace, cancellationToken).ConfigureAwait(false);
        var (given, received) = (LimitOf(source, interval, nameof(fromWorkspace)), LimitOf(target, interval, nameof(toWorkspace)));
        CheckPair(source.Find(interval)!, target.Find(interval)!, given, amount, nameof(toWorkspace));
        BudgetOrder.Check(source, interval, given - amount);
        BudgetOrder.Check(target, interval, received + amount);
        cancellationToken.ThrowIfCancellationRequested();
        var move = new BudgetMove { Interval = interval, Amount = amount, FromLimit = given, ToLimit = received, FromLimitBefore = given, ToLimitBefore = received };

        // From here on nothing is cancelled: a move that is half made helps nobody.
        var lowered = await ChangeAsync(fromWorkspace, interval, given, given - amount).ConfigureAwait(false);
        move = move with { FromLimit = lowered.Stands };
        if (lowered.Failure is { } refused)
        {
            throw new BudgetMoveException(move, refused);
        }

        var raised = await ChangeAsync(toWorkspace, interval, received, received + amount).ConfigureAwait(false);
        move = move with { ToLimit = raised.Stands };
        if (raised.Failure is null)
        {
            return move;
        }

        if (move.ToLimit == received)
        {
            var undone = await ChangeAsync(fromWorkspace, interval, given - amount, given).ConfigureAwait(false);
            move = move with { FromLimit = undone.Stands };
        }

        throw new BudgetMoveException(move, raised.Failure);
    }

    /// <summary>Changes a budget, and asks what stands when the answer does not tell.</summary>
    private async Task<(decimal? Stands, OpenRouterBillingException? Failure)> ChangeAsync(string workspace, BudgetInterval interval, decimal before, decimal after)
    {
        try
        {
            await budgets.PutAsync(workspace, interval, after, null, CancellationToken.None).ConfigureAwait(false);
            return (after, null);
        }
        catch (OpenRouterBillingException exception) when (!WriteOutcome.IsUncertain(exception) && exception is not OpenRouterApiException)
        {
            // Nothing was sent.
            return (before, exception);
        }
        catch (OpenRouterBillingException exception)
        {
            // A change that shows is made, even if something between refused it afterwards. One that does not show yet may still be on its way, unless it was refused.
            var standing = await TryReadAsync(workspace, interval).ConfigureAwait(false);
            return standing == after ? (after, null) : (standing == before && !WriteOutcome.IsUncertain(exception) ? before : null, exception);
        }
    }

    private async Task<decimal?> TryReadAsync(string workspace, BudgetInterval interval)
    {
        try
        {
            return (await budgets.GetAsync(workspace, interval, CancellationToken.None).ConfigureAwait(false))?.Limit;
        }
        catch (OpenRouterBillingException)
        {
            return null;
        }
    }

    private static decimal LimitOf(WorkspaceBudgets budgets, BudgetInterval interval, string name) =>
        budgets.Find(interval)?.Limit ?? throw new ArgumentException($"This workspace has no {interval} budget, so it may spend what the account has: set one first.", name);

    private static void CheckPair(WorkspaceBudget source, WorkspaceBudget target, decimal given, decimal amount, string targetName)
    {
        // One may be named by its slug and the other by its UUID.
        if (source.Id == target.Id)
        {
            throw new ArgumentException("Both are the same workspace: name another one to receive the money.", targetName);
        }

        if (amount >= given)
        {
            throw new ArgumentOutOfRangeException(nameof(amount), string.Create(CultureInfo.InvariantCulture, $"The amount is {amount} US dollars and must be below the budget of {given}: a budget is above zero, and without one the workspace may spend what the account has."));
        }
    }
}
