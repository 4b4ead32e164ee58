namespace OpenRouter.Billing.Sql;

/// <summary>
/// A circuit breaker: it opens when the database does not answer. While it is open (half-open at once, without a pause), one call
/// at a time tries the database, the others are not kept waiting, and the first answer closes it.
/// </summary>
internal sealed class Availability(TimeProvider timeProvider)
{
    private readonly object _gate = new();
    private bool _isDown;
    private bool _isTrying;
    private DateTimeOffset? _lastSuccess;
    private DateTimeOffset? _lastFaultAt;
    private Exception? _lastFault;

    /// <summary>Begins a call. Whoever begins one ends it, by one of the other methods.</summary>
    /// <returns>Whether this call is the one that tries a database that is down.</returns>
    /// <exception cref="SqlLedgerUnavailableException">The database is down, and another call is finding out whether it still is.</exception>
    public bool Enter()
    {
        lock (_gate)
        {
            if (_isDown && _isTrying)
            {
                throw new SqlLedgerUnavailableException($"The ledger's database is down ({DatabaseFault.Describe(_lastFault!)}); another call is trying it.", _lastFault);
            }

            _isTrying |= _isDown;
            return _isDown;
        }
    }

    public void Succeeded(bool isTrial)
    {
        lock (_gate)
        {
            End(isTrial);
            (_isDown, _lastSuccess) = (false, timeProvider.GetUtcNow());
        }
    }

    /// <summary>The database answered, but did not take this call's statement.</summary>
    public void Refused(bool isTrial, Exception fault)
    {
        lock (_gate)
        {
            End(isTrial);
            (_isDown, _lastFaultAt, _lastFault) = (false, timeProvider.GetUtcNow(), fault);
        }
    }

    public void Failed(bool isTrial, Exception fault)
    {
        lock (_gate)
        {
            End(isTrial);
            (_isDown, _lastFaultAt, _lastFault) = (true, timeProvider.GetUtcNow(), fault);
        }
    }

    /// <summary>The caller gave the call up, which says nothing of the database.</summary>
    public void GivenUp(bool isTrial)
    {
        lock (_gate)
        {
            End(isTrial);
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
                LastFaultCode = _lastFault is null ? null : DatabaseFault.SqlStateOf(_lastFault),
                QueuedSettlements = queued,
            };
        }
    }

    // A call that began before the outage may end while another one tries.
    private void End(bool isTrial) => _isTrying &= !isTrial;
}
