using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace OpenRouter.Billing.AspNetCore;

/// <summary>Where in a request a project, member or workspace is named. Immutable.</summary>
public sealed class BillingScopeSource
{
    private readonly Func<HttpContext, string?> _read;

    private BillingScopeSource(Func<HttpContext, string?> read) => _read = read;

    /// <summary>Gets the signed-in user: the claim that identifies it, else its name.</summary>
    public static BillingScopeSource User { get; } = new(static context =>
        context.User.FindFirstValue(ClaimTypes.NameIdentifier) ?? context.User.FindFirstValue("sub") ?? context.User.Identity?.Name);

    /// <summary>Reads a claim of the signed-in user.</summary>
    /// <param name="type">The claim's type, such as <c>tenant</c>. Of several such claims the first counts.</param>
    /// <returns>The source.</returns>
    public static BillingScopeSource Claim(string type)
    {
        ArgumentException.ThrowIfNullOrEmpty(type);
        return new BillingScopeSource(context => context.User.FindFirstValue(type));
    }

    /// <summary>Reads a request header. Whoever sends the request chooses it, so it must come from somebody who is trusted, such as a gateway.</summary>
    /// <param name="name">The header's name. A request that sends it twice is refused.</param>
    /// <returns>The source.</returns>
    public static BillingScopeSource Header(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new BillingScopeSource(context => context.Request.Headers.TryGetValue(name, out var values)
            ? values.Count == 1 ? values[0] : throw new BadHttpRequestException($"The header '{name}' must be sent once.")
            : null);
    }

    /// <summary>Reads a value of the route.</summary>
    /// <param name="name">The value's name, such as <c>project</c> in <c>/{project}/chat</c>.</param>
    /// <returns>The source.</returns>
    public static BillingScopeSource Route(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new BillingScopeSource(context => context.GetRouteValue(name) as string);
    }

    /// <summary>Reads the request in a way of the app's own.</summary>
    /// <param name="read">Reads the name; <see langword="null"/> for none. It is called on every request.</param>
    /// <returns>The source.</returns>
    public static BillingScopeSource From(Func<HttpContext, string?> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        return new BillingScopeSource(read);
    }

    /// <summary>Reads another source where this one names nobody.</summary>
    /// <param name="other">The other source.</param>
    /// <returns>Both, this one first.</returns>
    public BillingScopeSource Or(BillingScopeSource other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new BillingScopeSource(context => Read(context) ?? other.Read(context));
    }

    /// <summary>Names somebody where this source names nobody, so that such requests are counted together instead of not at all.</summary>
    /// <param name="name">The name, such as <c>anonymous</c>.</param>
    /// <returns>This source, and the name after it.</returns>
    public BillingScopeSource Or(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return new BillingScopeSource(context => Read(context) ?? name);
    }

    internal string? Read(HttpContext context) => _read(context) is { Length: > 0 } name ? name : null;
}
