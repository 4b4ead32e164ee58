using System.Text.Json;

namespace OpenRouter.Billing.Sandbox;

/// <summary>The error envelope, and the other one that the Messages endpoint uses.</summary>
internal static class ErrorBody
{
    public static ReadOnlyMemory<byte> Of(Refusal refusal) => Json.Write(json =>
    {
        json.WriteStartObject();
        json.WriteStartObject("error");
        json.WriteString("message", refusal.Message);
        json.WriteNumber("code", refusal.Status);
        WriteMetadata(json, refusal);
        json.WriteEndObject();
        if (refusal.UserId is not null)
        {
            json.WriteString("user_id", refusal.UserId);
        }

        json.WriteEndObject();
    });

    public static ReadOnlyMemory<byte> ForMessages(Refusal refusal) => Json.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("type", "error");
        json.WriteStartObject("error");
        json.WriteString("type", MessagesTypeOf(refusal.Status));
        json.WriteString("message", refusal.Message);
        json.WriteEndObject();
        json.WriteNull("request_id");
        WriteMetadata(json, refusal);
        json.WriteEndObject();
    });

    public static string MessagesTypeOf(int status) => status switch
    {
        400 or 413 or 422 => "invalid_request_error",
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        429 => "rate_limit_error",
        503 or 529 => "overloaded_error",
        408 or 504 or 524 => "timeout_error",
        _ => "api_error",
    };

    private static void WriteMetadata(Utf8JsonWriter json, Refusal refusal)
    {
        if (!refusal.HasMetadata)
        {
            return;
        }

        json.WriteStartObject("metadata");
        WriteIfSet(json, "reason", refusal.Reason);
        if (refusal.Headers is { } headers)
        {
            json.WriteStartObject("headers");
            foreach ((string name, string value) in headers)
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
        }

        WriteIfSet(json, "limit_source", refusal.LimitSource);
        WriteIfSet(json, "remedy_hint", refusal.RemedyHint);
        if (refusal.Budget is { } budget)
        {
            json.WriteString("scope", budget.Scope);
            json.WriteMoney("limit_usd", budget.Limit);
            json.WriteMoney("spend_usd", budget.Spent);
            json.WriteInstantOrNull("resets_at", budget.ResetsAt);
        }

        if (refusal.NamesNoProvider)
        {
            json.WriteNull("provider_name");
        }

        json.WriteEndObject();
    }

    private static void WriteIfSet(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }
}
