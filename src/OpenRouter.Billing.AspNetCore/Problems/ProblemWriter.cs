using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace OpenRouter.Billing.AspNetCore;

/// <summary>Writes a problem for callers that accept no JSON by name: the status alone would not say why.</summary>
internal static class ProblemWriter
{
    public static async ValueTask WriteAsync(HttpResponse response, ProblemDetails problem, CancellationToken cancellationToken)
    {
        var body = new ArrayBufferWriter<byte>(256);
        Write(body, problem);
        response.StatusCode = problem.Status ?? response.StatusCode;
        response.ContentType = "application/problem+json";
        response.ContentLength = body.WrittenCount;
        await response.Body.WriteAsync(body.WrittenMemory, cancellationToken).ConfigureAwait(false);
    }

    private static void Write(IBufferWriter<byte> body, ProblemDetails problem)
    {
        using var writer = new Utf8JsonWriter(body);
        writer.WriteStartObject();
        writer.WriteString("type"u8, problem.Type);
        writer.WriteString("title"u8, problem.Title);
        writer.WriteNumber("status"u8, problem.Status ?? 0);
        foreach (var (name, value) in problem.Extensions)
        {
            switch (value)
            {
                case decimal amount:
                    writer.WriteNumber(name, amount);
                    break;
                case long count:
                    writer.WriteNumber(name, count);
                    break;
                default:
                    writer.WriteString(name, value?.ToString());
                    break;
            }
        }

        writer.WriteEndObject();
    }
}
