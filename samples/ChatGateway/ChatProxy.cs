using System.Buffers;

namespace ChatGateway;

/// <summary>Passes a chat on and its answer back, whole or as a stream, as it comes.</summary>
internal static class ChatProxy
{
    public const string ClientName = "openrouter";
    public const int MaxRequestBytes = 256 * 1024;

    public static async Task SendAsync(HttpContext context, IHttpClientFactory factory)
    {
        using var body = new MemoryStream();
        try
        {
            // Bounded by Kestrel: in size by MaxRequestBodySize, and in time by its least data rate.
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        }
        catch (BadHttpRequestException tooMuch)
        {
            await FailAsync(tooMuch.StatusCode);
            return;
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, "chat/completions") { Content = new ByteArrayContent(body.GetBuffer(), 0, (int)body.Length) };
        request.Content.Headers.ContentType = new("application/json");
        HttpResponseMessage answer;
        try
        {
            // A refusal is thrown here, before the first byte of the response, and UseExceptionHandler answers it.
            answer = await factory.CreateClient(ClientName).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
        }
        catch (HttpRequestException)
        {
            await FailAsync(StatusCodes.Status502BadGateway);
            return;
        }

        using (answer)
        {
            if (!answer.IsSuccessStatusCode)
            {
                // What a provider says of a failure is not for the users of this app.
                await FailAsync(answer.StatusCode == System.Net.HttpStatusCode.BadRequest ? StatusCodes.Status400BadRequest : StatusCodes.Status502BadGateway);
                return;
            }

            await CopyAsync(answer, context.Response, context.RequestAborted);
        }

        Task FailAsync(int status) => TypedResults.Problem(statusCode: status).ExecuteAsync(context);
    }

    private static async Task CopyAsync(HttpResponseMessage answer, HttpResponse response, CancellationToken cancellationToken)
    {
        response.ContentType = answer.Content.Headers.ContentType?.ToString();
        response.Headers.CacheControl = "no-store";
        var buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
        try
        {
            await using var stream = await answer.Content.ReadAsStreamAsync(cancellationToken);
            int read;
            while ((read = await stream.ReadAsync(buffer, cancellationToken)) > 0)
            {
                await response.Body.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                await response.Body.FlushAsync(cancellationToken);
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException && !response.HasStarted)
        {
            response.Clear();
            await TypedResults.Problem(statusCode: StatusCodes.Status502BadGateway).ExecuteAsync(response.HttpContext);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }
}
