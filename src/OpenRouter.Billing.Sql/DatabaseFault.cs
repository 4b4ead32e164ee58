using System.Data.Common;

namespace OpenRouter.Billing.Sql;

/// <summary>What a driver's exception tells without its message, which may name servers and users.</summary>
internal static class DatabaseFault
{
    /// <summary>
    /// Whether the database answered, and refused this one statement: for its values, for what they would break, or for a right
    /// that is missing. What says nothing of the kind counts as an outage, and so do SQLite's faults, which have no SQLSTATE.
    /// </summary>
    public static bool IsOfStatement(Exception fault) =>
        fault is DbException { IsTransient: false, SqlState: ['0', 'A', ..] or ['2', '1' or '2' or '3', ..] or ['4', '2' or '4', ..] or ['5', '4', ..] or ['P', '0', ..] } exception
        && !PostgreSqlSchema.IsMissing(exception);

    /// <summary>Gets the type of the driver's exception, and its SQLSTATE where it has one.</summary>
    public static string Describe(Exception fault)
    {
        var type = (FirstOfDriver(fault) ?? fault).GetType().FullName!;
        return SqlStateOf(fault) is { } sqlState ? $"{type}, SqlState {sqlState}" : type;
    }

    /// <summary>Gets the SQLSTATE; null where there is none.</summary>
    public static string? SqlStateOf(Exception fault) => FirstOfDriver(fault)?.SqlState;

    private static DbException? FirstOfDriver(Exception? fault)
    {
        while (fault is not (null or DbException))
        {
            fault = fault.InnerException;
        }

        return fault as DbException;
    }
}
