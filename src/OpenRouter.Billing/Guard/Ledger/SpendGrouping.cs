namespace OpenRouter.Billing.Guard;

/// <summary>What sums of spending are told apart by. Values combine.</summary>
[Flags]
public enum SpendGrouping
{
    /// <summary>Nothing: one sum over all.</summary>
    None = 0,

    /// <summary>The UTC day.</summary>
    Day = 1,

    /// <summary>The project of the request's scope.</summary>
    Project = 2,

    /// <summary>The member of the request's scope.</summary>
    Member = 4,

    /// <summary>The workspace of the request's scope.</summary>
    Workspace = 8,

    /// <summary>The key that paid.</summary>
    Key = 16,

    /// <summary>The model that was asked for.</summary>
    Model = 32,
}
