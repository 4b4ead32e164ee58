namespace OpenRouter.Billing.Guard;

/// <summary>Whose requests a limit of the app's own counts together.</summary>
public enum Spender
{
    /// <summary>All requests below one ledger.</summary>
    App,

    /// <summary>Those of one OpenRouter account.</summary>
    Account,

    /// <summary>Those with one key.</summary>
    Key,

    /// <summary>Those of one <see cref="BillingScope.Project"/>. Requests that name none are not counted.</summary>
    Project,

    /// <summary>Those of one <see cref="BillingScope.Member"/>. Requests that name none are not counted.</summary>
    Member,

    /// <summary>Those of one <see cref="BillingScope.Workspace"/>. Requests that name none are not counted.</summary>
    Workspace,
}
