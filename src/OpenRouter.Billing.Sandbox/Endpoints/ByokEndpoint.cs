using System.Text.Json;
using System.Text.Json.Nodes;

namespace OpenRouter.Billing.Sandbox;

/// <summary><c>/byok</c>: provider keys, which are taken and never given back.</summary>
internal static class ByokEndpoint
{
    private const int LongestName = 255;
    private const int MostEntries = 100;
    private const int Shown = 4;
    private const string Hashes = "allowed_api_key_hashes";
    private static readonly string[] Lists = ["allowed_models", Hashes, "allowed_user_ids"];

    public static void Handle(ManagementCall call)
    {
        switch (call.Route)
        {
            case ["GET", "byok"]:
                List(call);
                break;
            case ["POST", "byok"]:
                Create(call);
                break;
            case ["GET", "byok", var id]:
                Answer(call, Find(call, id));
                break;
            case ["PATCH", "byok", var id]:
                Update(call, Find(call, id));
                break;
            case ["DELETE", "byok", var id]:
                call.Account.Credentials.Remove(Find(call, id));
                call.AnswerDeleted();
                break;
            default:
                throw new RefusedException(Refused.NotFound);
        }
    }

    private static void List(ManagementCall call)
    {
        string workspaceId = call.QueryWorkspace()?.Id ?? throw new RefusedException(Refused.NoDefaultWorkspace);
        string? provider = call.Query("provider");
        call.AnswerPage([.. call.Account.Credentials.Where(credential => credential.WorkspaceId == workspaceId && (provider is null || credential.Provider == provider))], Write);
    }

    private static void Create(ManagementCall call)
    {
        RequestBody body = call.ReadBody();
        string workspaceId = call.WorkspaceOf(body).Id;
        string provider = body.Required("provider", LongestName);
        SandboxCredential credential = new()
        {
            Id = Guid.NewGuid().ToString(),
            Provider = provider,
            WorkspaceId = workspaceId,
            Label = Mask(body.Required("key", int.MaxValue)),
            SortOrder = call.Account.Credentials.Count(other => other.Provider == provider && other.WorkspaceId == workspaceId),
            CreatedAt = call.Now,
        };
        Store(call, body, credential);
        call.Account.Credentials.Add(credential);
        Answer(call, credential, status: 201);
    }

    private static void Update(ManagementCall call, SandboxCredential credential)
    {
        RequestBody body = call.ReadBody();
        string label = body.Has("key") ? Mask(body.Required("key", int.MaxValue)) : credential.Label;
        Store(call, body, credential);
        credential.Label = label;
        Answer(call, credential);
    }

    /// <summary>Everything is checked before anything is stored.</summary>
    private static void Store(ManagementCall call, RequestBody body, SandboxCredential credential)
    {
        string? name = body.Has("name") ? body.Text("name", LongestName, mayBeNull: true) : credential.Name;
        bool disabled = body.Truth("disabled") ?? credential.Disabled;
        bool isFallback = body.Truth("is_fallback") ?? credential.IsFallback;
        bool isRequired = body.Truth("is_required") ?? credential.IsRequired;
        bool isByokOnly = body.Truth("is_byok_only") ?? credential.IsByokOnly;
        bool? declaredZdr = body.Has("declared_zdr") ? body.Truth("declared_zdr", mayBeNull: true) : credential.DeclaredZdr;
        if (isFallback && isByokOnly)
        {
            throw RequestBody.Bad();
        }

        foreach (string list in Lists.Where(list => body.Node(list) is not null and not JsonArray { Count: 0 }))
        {
            body.Texts(list, MostEntries);
        }

        if (body.Node(Hashes) is not null && !body.Texts(Hashes, MostEntries).All(hash => call.Account.Keys.Any(key => key.Hash == hash)))
        {
            throw RequestBody.Bad();
        }

        (credential.Name, credential.Disabled, credential.DeclaredZdr) = (name, disabled, declaredZdr);
        (credential.IsFallback, credential.IsRequired, credential.IsByokOnly) = (isFallback, isRequired, isByokOnly);
        foreach (string list in Lists.Where(body.Has))
        {
            credential.Allowed[list] = body.Node(list);
        }
    }

    private static string Mask(string key) => key.Length > Shown * 3 ? $"{key[..3]}...{key[^Shown..]}" : "...";

    private static SandboxCredential Find(ManagementCall call, string id) =>
        call.Account.Credentials.Find(credential => string.Equals(credential.Id, id, StringComparison.OrdinalIgnoreCase)) ?? throw new RefusedException(Refused.NotFound);

    private static void Answer(ManagementCall call, SandboxCredential credential, int status = 200) => call.AnswerData(json => Write(json, credential), status);

    private static void Write(Utf8JsonWriter json, SandboxCredential credential)
    {
        json.WriteString("id", credential.Id);
        json.WriteString("provider", credential.Provider);
        json.WriteString("workspace_id", credential.WorkspaceId);
        json.WriteString("label", credential.Label);
        json.WriteString("name", credential.Name);
        json.WriteBoolean("disabled", credential.Disabled);
        json.WriteBoolean("is_fallback", credential.IsFallback);
        json.WriteBoolean("is_required", credential.IsRequired);
        json.WriteBoolean("is_byok_only", credential.IsByokOnly);
        json.WriteNode("declared_zdr", credential.DeclaredZdr);
        json.WriteNumber("sort_order", credential.SortOrder);
        json.WriteInstantOrNull("created_at", credential.CreatedAt);
        foreach (string list in Lists)
        {
            json.WriteNode(list, credential.Allowed.GetValueOrDefault(list));
        }
    }
}
