using System.Text.Json;

namespace OpenRouter.Billing.Sandbox;

/// <summary><c>/workspaces</c>, by UUID or slug, with what lies below them.</summary>
internal static class WorkspacesEndpoint
{
    private static readonly string[] Nullable = ["description", "default_text_model", "default_image_model", "default_provider_sort", "io_logging_api_key_ids", "disabled_server_tools"];
    private static readonly string[] Flags = ["is_data_discount_logging_enabled", "is_observability_broadcast_enabled", "is_observability_io_logging_enabled"];
    private const string SamplingRate = "io_logging_sampling_rate";

    public static void Handle(ManagementCall call)
    {
        switch (call.Route)
        {
            case ["GET", "workspaces"]:
                call.AnswerPage(call.Account.Workspaces.All, Write);
                break;
            case ["POST", "workspaces"]:
                Create(call);
                break;
            case ["GET", "workspaces", var id]:
                Answer(call, Find(call, id));
                break;
            case ["PATCH", "workspaces", var id]:
                Update(call, Find(call, id));
                break;
            case ["DELETE", "workspaces", var id]:
                Delete(call, Find(call, id));
                break;
            case [_, "workspaces", var id, "budgets", ..]:
                WorkspaceBudgetsEndpoint.Handle(call, Find(call, id));
                break;
            case [_, "workspaces", var id, "members", ..]:
                WorkspaceMembersEndpoint.Handle(call, Find(call, id));
                break;
            default:
                throw new RefusedException(Refused.NotFound);
        }
    }

    private static void Create(ManagementCall call)
    {
        RequestBody body = call.ReadBody();
        SandboxWorkspace workspace = new() { Id = Guid.NewGuid().ToString(), Name = body.Required("name", 100), Slug = ReadSlug(call, body, null) ?? throw RequestBody.Bad(), CreatedAt = call.Now };
        Store(body, workspace);
        call.Account.Workspaces.Add(workspace);
        Answer(call, workspace, status: 201);
    }

    private static void Update(ManagementCall call, SandboxWorkspace workspace)
    {
        RequestBody body = call.ReadBody();
        string? slug = ReadSlug(call, body, workspace);
        workspace.Name = body.Has("name") ? body.Required("name", 100) : workspace.Name;
        workspace.Slug = slug ?? workspace.Slug;
        Store(body, workspace);
        workspace.UpdatedAt = call.Now;
        Answer(call, workspace);
    }

    private static void Delete(ManagementCall call, SandboxWorkspace workspace)
    {
        SandboxKey[] active = [.. call.Account.Keys.Where(key => !key.IsManagementKey && key.WorkspaceId == workspace.Id && !key.Disabled)];
        if (workspace != call.Account.Workspaces.Default)
        {
            if (active.Length > 0)
            {
                throw new RefusedException(Refused.WorkspaceHasKeys);
            }
        }
        else if (!call.QueryTruth("confirm_default_workspace_deletion"))
        {
            throw new RefusedException(Refused.DefaultWorkspaceUnconfirmed);
        }

        foreach (SandboxKey key in active)
        {
            key.Disabled = true;
        }

        call.Account.Workspaces.Remove(workspace);
        call.AnswerDeleted();
    }

    private static string? ReadSlug(ManagementCall call, RequestBody body, SandboxWorkspace? own)
    {
        if (!body.Has("slug"))
        {
            return null;
        }

        string slug = body.Required("slug", 50);
        if (!slug.Split('-').All(part => part.Length > 0 && part.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter))))
        {
            throw RequestBody.Bad();
        }

        return call.Account.Workspaces.Find(slug) is { } other && other != own ? throw new RefusedException(Refused.SlugTaken) : slug;
    }

    private static void Store(RequestBody body, SandboxWorkspace workspace)
    {
        body.Text("description", 500, mayBeNull: true);
        body.Number(SamplingRate);
        foreach (string flag in Flags)
        {
            body.Truth(flag);
        }

        foreach (string name in (string[])[.. Nullable, .. Flags, SamplingRate])
        {
            if (body.Has(name))
            {
                workspace.Settings[name] = body.Node(name);
            }
        }
    }

    private static SandboxWorkspace Find(ManagementCall call, string id) =>
        call.Account.Workspaces.Find(id) ?? throw new RefusedException(Refused.UnknownWorkspace);

    private static void Answer(ManagementCall call, SandboxWorkspace workspace, int status = 200) => call.AnswerData(json => Write(json, workspace), status);

    private static void Write(Utf8JsonWriter json, SandboxWorkspace workspace)
    {
        json.WriteString("id", workspace.Id);
        json.WriteString("name", workspace.Name);
        json.WriteString("slug", workspace.Slug);
        json.WriteString("default_guardrail_id", workspace.DefaultGuardrailId);
        foreach (string name in Nullable)
        {
            json.WriteNode(name, workspace.Settings.GetValueOrDefault(name));
        }

        foreach (string name in Flags)
        {
            json.WriteNode(name, workspace.Settings.GetValueOrDefault(name, false));
        }

        json.WriteNode(SamplingRate, workspace.Settings.GetValueOrDefault(SamplingRate, 1));
        json.WriteBoolean("include_byok_in_budgets", workspace.IncludesByok);
        json.WriteNull("created_by");
        json.WriteInstantOrNull("created_at", workspace.CreatedAt);
        json.WriteInstantOrNull("updated_at", workspace.UpdatedAt);
    }
}
