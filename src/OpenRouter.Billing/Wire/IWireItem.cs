namespace OpenRouter.Billing.Wire;

/// <summary>One object of an answer.</summary>
/// <typeparam name="TModel">What it becomes.</typeparam>
internal interface IWireItem<out TModel>
{
    /// <summary>Gets what tells it from its like; null or empty when the server did not say, which makes it useless.</summary>
    string? Identity { get; }

    /// <summary>Gets the name of that member.</summary>
    static abstract string IdentityName { get; }

    TModel ToModel();
}
