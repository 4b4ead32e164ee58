using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace OpenRouter.Billing.AspNetCore;

/// <summary>Answers for the dashboard's addresses. They can only be read, and nobody else may embed, keep or script them.</summary>
internal sealed class DashboardEndpoints(BillingReports reports, TimeSpan refreshEvery)
{
    private const string ContentPolicy =
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public async Task PageAsync(HttpContext context)
    {
        if (await TryGetReportAsync(context).ConfigureAwait(false) is { } report)
        {
            var page = DashboardPage.Write(report, context.Request.PathBase + context.Request.Path.ToString().TrimEnd('/'), refreshEvery);
            await WriteAsync(context, "text/html; charset=utf-8", Encoding.UTF8.GetBytes(page)).ConfigureAwait(false);
        }
    }

    public async Task ReportAsync(HttpContext context)
    {
        if (await TryGetReportAsync(context).ConfigureAwait(false) is { } report)
        {
            await WriteAsync(context, "application/json; charset=utf-8", JsonSerializer.SerializeToUtf8Bytes(report, ReportContext.Default.BillingReport)).ConfigureAwait(false);
        }
    }

    public static async Task FileAsync(HttpContext context)
    {
        if (!IsRead(context))
        {
            return;
        }

        if (context.Request.RouteValues["file"] is not string name || DashboardFile.Find(name) is not { } file)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        context.Response.Headers[HeaderNames.ETag] = file.ETag;
        context.Response.Headers[HeaderNames.CacheControl] = "private, no-cache";
        if (context.Request.Headers[HeaderNames.IfNoneMatch] == file.ETag)
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        await WriteAsync(context, file.ContentType, file.Content).ConfigureAwait(false);
    }

    private async ValueTask<BillingReport?> TryGetReportAsync(HttpContext context)
    {
        if (!IsRead(context))
        {
            return null;
        }

        try
        {
            return await reports.GetAsync(context.RequestAborted).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers[HeaderNames.RetryAfter] = "5";
            return null;
        }
    }

    private static bool IsRead(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers[HeaderNames.ContentSecurityPolicy] = ContentPolicy;
        headers[HeaderNames.XContentTypeOptions] = "nosniff";
        headers[HeaderNames.XFrameOptions] = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers[HeaderNames.CacheControl] = "no-store";
        if (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method))
        {
            return true;
        }

        headers[HeaderNames.Allow] = "GET, HEAD";
        context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
        return false;
    }

    private static Task WriteAsync(HttpContext context, string contentType, ReadOnlyMemory<byte> body)
    {
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }
}
