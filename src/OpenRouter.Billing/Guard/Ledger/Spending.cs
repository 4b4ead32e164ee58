namespace OpenRouter.Billing.Guard;

/// <summary>What one lease adds to the sums of spending, once per unit.</summary>
internal sealed class Spending(SpendBook book, SpendLabels labels, long claimed)
{
    private SpendBook.Row? _row;
    private bool _isSettled;
    private bool _isSettledWithByok;
    private bool _isGuess;

    /// <summary>Gets whether nothing more will come.</summary>
    public bool IsClosed => _isSettled && _isSettledWithByok;

    public void Settle(LimitUnit unit, long ticks, long amount)
    {
        if (unit == LimitUnit.UsDollars && !_isSettled)
        {
            _isSettled = true;
            RowOf(ticks).Cost += _isGuess ? amount - claimed : amount;
        }
        else if (unit == LimitUnit.UsDollarsWithByok && !_isSettledWithByok)
        {
            _isSettledWithByok = true;
            RowOf(ticks).CostWithByok += _isGuess ? amount - claimed : amount;
        }
    }

    /// <summary>Books what was claimed, until a late settlement says better.</summary>
    public void BookInFull(long ticks)
    {
        _isGuess = true;
        Guess(RowOf(ticks), claimed);
    }

    /// <summary>Takes back what was booked without a bill: the request never reached the server.</summary>
    public void GiveBack()
    {
        if (_isGuess && _row is { } row)
        {
            Guess(row, -claimed);
            row.Requests -= _isSettled || _isSettledWithByok ? 0 : 1;
        }
    }

    private void Guess(SpendBook.Row row, long amount)
    {
        row.Cost += _isSettled ? 0 : amount;
        row.CostWithByok += _isSettledWithByok ? 0 : amount;
    }

    // What a request cost stays on the day on which it was first booked.
    private SpendBook.Row RowOf(long ticks)
    {
        if (_row is null)
        {
            _row = book.RowOf(ticks, labels);
            _row.Requests++;
        }

        return _row;
    }
}
