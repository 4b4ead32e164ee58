namespace OpenRouter.Billing.Sandbox;

/// <summary>A request as the sandbox received it.</summary>
public sealed record SandboxRequest
{
    /// <summary>Gets the method in capitals.</summary>
    public required string Method { get; init; }

    /// <summary>Gets the path below <c>/api/v1</c>, for example <c>/credits</c>, without the query.</summary>
    public required string Path { get; init; }

    /// <summary>Gets the query with its question mark.</summary>
    /// <value>Empty when there is none.</value>
    public required string Query { get; init; }

    /// <summary>Gets the body as text.</summary>
    /// <value>Empty when there is none.</value>
    public required string Body { get; init; }

    /// <summary>Gets the SHA-256 of the bearer key in lower-case hexadecimal digits.</summary>
    /// <value><see langword="null"/> when no key was sent.</value>
    public required string? KeyHash { get; init; }

    /// <summary>Gets method and path together, for example <c>GET /credits</c>.</summary>
    public string Route => $"{Method} {Path}";
}
