namespace OpenRouter.Billing.Wire;

/// <summary>A body that the server sent.</summary>
internal interface IWirePayload
{
    /// <summary>Names the member without which the answer means nothing; null when all is there.</summary>
    string? FindMissing();
}
