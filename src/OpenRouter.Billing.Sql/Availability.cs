namespace OpenRouter.Billing.Sql;

/// <summary>Knows whether the database answers. While it does not, one call at a time tries it, and the others are not kept waiting.</summary>
internal sealed class Availability(TimeProvider timeProvider)
{
    private readonly object _gate = new();
    private bool _isDown;
    private bool _isTrying;
    private DateTimeOffset? _lastSuccess;
    private DateTimeOffset? _lastFaultAt;
    private Exception? _lastFault;

    /// <summary>Begins a call.</summary>
    /// <exception cref="SqlLedgerUnavailableException">The database is down, and another call is finding out whether it still is.</exception>
    public void Enter()
    {
        lock (_gate)
        {
            if (_isDown && _isTrying)
            {
                throw new SqlLedgerUnavailableException("The ledger's database is down; another call is trying it.", _lastFault);
            }

            _isTrying = _isDown;
        }
    }

    public void Succeeded()
    {
        lock (_gate)
        {
            (_isDown, _isTrying, _lastSuccess) = (false, false, timeProvider.GetUtcNow());
        }
    }

    public void Failed(Exception fault)
    {
        lock (_gate)
        {
            (_isDown, _isTrying, _lastFaultAt, _lastFault) = (true, false, timeProvider.GetUtcNow(), fault);
        }
    }

    /// <summary>The caller gave the call up, which says nothing of the database.</summary>
    public void GivenUp()
    {
        lock (_gate)
        {
            _isTrying = false;
        }
    }

    public SqlLedgerHealth Tell(int queued)
    {
        lock (_gate)
        {
            return new SqlLedgerHealth
            {
                IsAvailable = !_isDown,
                LastSuccessAt = _lastSuccess,
                LastFaultAt = _lastFaultAt,
                LastFaultType = _lastFault?.GetType().FullName,
                QueuedSettlements = queued,
            };
        }
    }
}
