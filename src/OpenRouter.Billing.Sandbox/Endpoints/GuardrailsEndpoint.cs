using System.Text.Json;

namespace OpenRouter.Billing.Sandbox;

/// <summary><c>/guardrails</c>: without an assignment they bind nobody, but for the default one of a workspace.</summary>
internal static class GuardrailsEndpoint
{
    private static readonly string[] Lists = ["allowed_models", "ignored_models", "allowed_providers", "ignored_providers"];
    private static readonly string[] Settings =
    [
        .. Lists, "description", "allowed_data_regions", "content_filters", "content_filter_builtins",
        "enable_free_model_publication", "enable_free_model_training", "enable_paid_model_training",
        "enforce_zdr", "enforce_zdr_anthropic", "enforce_zdr_google", "enforce_zdr_openai", "enforce_zdr_other", "enforce_zdr_xai",
    ];

    public static void Handle(ManagementCall call)
    {
        switch (call.Route)
        {
            case ["GET", "guardrails"]:
                string? workspaceId = call.QueryWorkspace()?.Id;
                call.AnswerPage([.. call.Account.Guardrails.All.Where(guardrail => guardrail.WorkspaceId == workspaceId)], Write);
                break;
            case ["POST", "guardrails"]:
                Create(call);
                break;
            case ["GET", "guardrails", "assignments", var kind]:
                GuardrailAssignmentsEndpoint.List(call, kind, call.Account.Guardrails.All);
                break;
            case ["GET", "guardrails", var id]:
                Answer(call, Find(call, id));
                break;
            case ["PATCH", "guardrails", var id]:
                Update(call, call.Account.Guardrails.Find(id) ?? Configure(call, id));
                break;
            case ["DELETE", "guardrails", var id]:
                call.Account.Guardrails.Remove(Find(call, id));
                call.AnswerDeleted();
                break;
            case [_, "guardrails", var id, "assignments", ..]:
                GuardrailAssignmentsEndpoint.Handle(call, Find(call, id));
                break;
            default:
                throw new RefusedException(Refused.NotFound);
        }
    }

    private static void Create(ManagementCall call)
    {
        RequestBody body = call.ReadBody();
        string workspaceId = call.WorkspaceOf(body).Id;
        SandboxGuardrail guardrail = new() { Id = Guid.NewGuid().ToString(), Name = body.Required("name", 200), WorkspaceId = workspaceId, CreatedAt = call.Now };
        Store(body, guardrail);
        call.Account.Guardrails.Add(guardrail);
        Answer(call, guardrail, status: 201);
    }

    private static void Update(ManagementCall call, SandboxGuardrail guardrail)
    {
        RequestBody body = call.ReadBody();
        if (body.Has("name"))
        {
            string name = body.Required("name", 200);
            guardrail.Name = IsDefault(call, guardrail) && name != guardrail.Name ? throw RequestBody.Bad() : name;
        }

        Store(body, guardrail);
        guardrail.UpdatedAt = call.Now;
        Answer(call, guardrail);
    }

    private static bool IsDefault(ManagementCall call, SandboxGuardrail guardrail) =>
        call.Account.Workspaces.All.Any(workspace => workspace.DefaultGuardrailId == guardrail.Id);

    /// <summary>A workspace's default guardrail comes into being with its first change.</summary>
    private static SandboxGuardrail Configure(ManagementCall call, string id)
    {
        SandboxWorkspace workspace = call.Account.Workspaces.All.FirstOrDefault(each => each.DefaultGuardrailId == id) ?? throw new RefusedException(Refused.NotFound);
        SandboxGuardrail guardrail = new() { Id = id, Name = $"Workspace {workspace.Id} Default", WorkspaceId = workspace.Id, CreatedAt = call.Now };
        call.Account.Guardrails.Add(guardrail);
        return guardrail;
    }

    private static void Store(RequestBody body, SandboxGuardrail guardrail)
    {
        decimal? limit = body.Has("limit_usd") ? body.Number("limit_usd", mayBeNull: true) : guardrail.Limit;
        string? interval = body.Has("reset_interval") ? body.Interval("reset_interval") : guardrail.ResetInterval;
        if (limit is null != interval is null)
        {
            throw new RefusedException(Refused.LimitWithoutInterval);
        }

        foreach (string name in Lists.Where(name => body.Node(name) is not null))
        {
            body.Texts(name);
        }

        (guardrail.Limit, guardrail.ResetInterval) = (limit, interval);
        guardrail.IncludesByok = body.Truth("include_byok_in_budgets") ?? guardrail.IncludesByok;
        foreach (string name in Settings.Where(body.Has))
        {
            guardrail.Settings[name] = body.Node(name);
        }
    }

    private static SandboxGuardrail Find(ManagementCall call, string id) =>
        call.Account.Guardrails.Find(id) ?? throw new RefusedException(Refused.NotFound);

    private static void Answer(ManagementCall call, SandboxGuardrail guardrail, int status = 200) => call.AnswerData(json => Write(json, guardrail), status);

    private static void Write(Utf8JsonWriter json, SandboxGuardrail guardrail)
    {
        json.WriteString("id", guardrail.Id);
        json.WriteString("name", guardrail.Name);
        json.WriteString("workspace_id", guardrail.WorkspaceId);
        json.WriteMoneyOrNull("limit_usd", guardrail.Limit);
        json.WriteString("reset_interval", guardrail.ResetInterval);
        json.WriteBoolean("include_byok_in_budgets", guardrail.IncludesByok);
        json.WriteInstantOrNull("created_at", guardrail.CreatedAt);
        json.WriteInstantOrNull("updated_at", guardrail.UpdatedAt);
        foreach (string name in Settings)
        {
            json.WriteNode(name, guardrail.Settings.GetValueOrDefault(name));
        }
    }
}
