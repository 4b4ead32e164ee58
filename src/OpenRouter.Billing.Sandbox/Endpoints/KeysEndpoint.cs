using System.Text.Json;

namespace OpenRouter.Billing.Sandbox;

/// <summary><c>/keys</c>: lists, makes, changes and deletes ordinary keys.</summary>
internal static class KeysEndpoint
{
    private const int PageSize = 100;

    public static void Handle(ManagementCall call)
    {
        switch (call.Route)
        {
            case ["GET", "keys"]:
                List(call);
                break;
            case ["POST", "keys"]:
                Create(call);
                break;
            case ["GET", "keys", var hash]:
                Answer(call, Find(call, hash));
                break;
            case ["PATCH", "keys", var hash]:
                Update(call, Find(call, hash));
                break;
            case ["DELETE", "keys", var hash]:
                call.Account.DeleteKey(Find(call, hash));
                call.AnswerDeleted();
                break;
            default:
                throw new RefusedException(Refused.NotFound);
        }
    }

    private static void List(ManagementCall call)
    {
        bool withDisabled = call.QueryTruth("include_disabled");
        bool withExpired = call.QueryTruth("include_expired");
        SandboxWorkspace? workspace = call.QueryWorkspace();
        SandboxKey[] page = [.. call.Account.Keys
            .Where(key => !key.IsManagementKey && key.WorkspaceId == workspace?.Id && (withDisabled || !key.Disabled) && (withExpired || !(key.ExpiresAt <= call.Now)))
            .Reverse()
            .Skip(call.QueryNumber("offset", 0, 0, int.MaxValue))
            .Take(PageSize)];
        call.Answer(json => json.WriteList("data", page, (writer, key) => Write(writer, key, call.Now)));
    }

    private static void Create(ManagementCall call)
    {
        RequestBody body = call.ReadBody();
        string workspaceId = call.WorkspaceOf(body).Id;
        SandboxKeyOptions options = new()
        {
            Name = body.Required("name", int.MaxValue),
            Limit = body.Number("limit", mayBeNull: true),
            LimitReset = body.Interval("limit_reset"),
            ExpiresAt = body.Instant("expires_at"),
            CreatorUserId = body.Text("creator_user_id", mayBeNull: true),
            WorkspaceId = workspaceId,
        };
        bool includesByok = body.Truth("include_byok_in_limit") ?? false;
        string? externalUser = body.Object("external")?.Text("user", mayBeNull: true);
        SandboxKey key = call.Account.CreateKey(options);
        key.IncludesByok = includesByok;
        key.ExternalUser = externalUser;
        call.Answer(
            json =>
            {
                json.WriteStartObject("data");
                Write(json, key, call.Now);
                json.WriteEndObject();
                json.WriteString("key", key.Secret);
            },
            status: 201);
    }

    private static void Update(ManagementCall call, SandboxKey key)
    {
        RequestBody body = call.ReadBody();
        string? name = body.Text("name");
        decimal? limit = body.Number("limit", mayBeNull: true);
        string? reset = body.Interval("limit_reset");
        bool? disabled = body.Truth("disabled");
        bool? includesByok = body.Truth("include_byok_in_limit");
        key.Name = name ?? key.Name;
        key.Limit = body.Has("limit") ? limit : key.Limit;
        key.LimitReset = body.Has("limit_reset") ? reset : key.LimitReset;
        key.Disabled = disabled ?? key.Disabled;
        key.IncludesByok = includesByok ?? key.IncludesByok;
        key.UpdatedAt = call.Now;
        Answer(call, key);
    }

    private static SandboxKey Find(ManagementCall call, string hash) =>
        call.Account.Keys.FirstOrDefault(key => key.Hash == hash && !key.IsManagementKey) ?? throw new RefusedException(Refused.NotFound);

    private static void Answer(ManagementCall call, SandboxKey key) => call.AnswerData(json => Write(json, key, call.Now));

    private static void Write(Utf8JsonWriter json, SandboxKey key, DateTimeOffset now)
    {
        json.WriteString("hash", key.Hash);
        json.WriteString("name", key.Label);
        json.WriteString("label", key.MaskedSecret);
        json.WriteBoolean("disabled", key.Disabled);
        json.WriteMoneyOrNull("limit", key.Limit);
        json.WriteMoneyOrNull("limit_remaining", key.RemainingAt(now));
        json.WriteString("limit_reset", key.LimitReset);
        json.WriteBoolean("include_byok_in_limit", key.IncludesByok);
        KeyEndpoint.WriteUsage(json, key, now);
        json.WriteInstantOrNull("created_at", key.CreatedAt);
        json.WriteInstantOrNull("updated_at", key.UpdatedAt);
        json.WriteInstantOrNull("last_used_at", key.LastUsedAt);
        json.WriteInstantOrNull("expires_at", key.ExpiresAt);
        json.WriteString("creator_user_id", key.CreatorUserId);
        json.WriteString("workspace_id", key.WorkspaceId);
        json.WriteString("external_user", key.ExternalUser);
    }
}
