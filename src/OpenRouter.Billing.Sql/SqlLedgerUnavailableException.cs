namespace OpenRouter.Billing.Sql;

/// <summary>The database of the ledger did not do what it was asked in time. The inner exception is the driver's.</summary>
/// <remarks>The guard decides by its <c>WhenUnavailable</c> then. The ledger goes on by itself as soon as the database does.</remarks>
public sealed class SqlLedgerUnavailableException : OpenRouterBillingException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What could not be done.</param>
    /// <param name="innerException">What the driver said; <see langword="null"/> when nothing was tried.</param>
    public SqlLedgerUnavailableException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
