namespace OpenRouter.Billing.Tests.Api.Contract;

/// <summary>Every operation of the API that has a contract test, with the method that makes it, in all shapes of request.</summary>
internal static class Operations
{
    public static IReadOnlyDictionary<string, Func<IOpenRouterBillingClient, Task<object?>>[]> All { get; } =
        new[] { WriteOperations.All, ReadOperations.All, UsageOperations.All }.SelectMany(part => part).ToDictionary(operation => operation.Key, operation => operation.Value);

    public static async Task<object?> ListAsync<T>(IAsyncEnumerable<T> items)
    {
        var list = new List<T>();
        await foreach (var item in items)
        {
            list.Add(item);
        }

        return list;
    }

    public static async Task<object?> DoneAsync(Task call)
    {
        await call;
        return null;
    }
}
