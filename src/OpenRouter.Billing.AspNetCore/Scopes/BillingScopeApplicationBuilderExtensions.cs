using OpenRouter.Billing.AspNetCore;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Says on whose behalf requests are made.</summary>
public static class BillingScopeApplicationBuilderExtensions
{
    /// <summary>Begins a <c>BillingScope</c> for each request. After authentication, and after routing where a route names somebody.</summary>
    /// <param name="app">The pipeline.</param>
    /// <param name="configure">Says where names are found; <see langword="null"/> (the default) for the signed-in user as the member.</param>
    /// <returns>The same pipeline.</returns>
    /// <remarks>A name that is too long, sent twice or not printable is answered with 400; a request that names nobody goes on.</remarks>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="BillingScopeOptions.MaxNameLength"/> is not positive.</exception>
    public static IApplicationBuilder UseOpenRouterBillingScope(this IApplicationBuilder app, Action<BillingScopeOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(app);
        var options = new BillingScopeOptions();
        configure?.Invoke(options);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.MaxNameLength, "MaxNameLength");
        return app.Use(next => new BillingScopeMiddleware(next, options).InvokeAsync);
    }
}
