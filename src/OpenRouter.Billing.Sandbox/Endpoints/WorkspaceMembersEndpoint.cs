using System.Text.Json;

namespace OpenRouter.Billing.Sandbox;

/// <summary><c>/workspaces/{id}/members</c>. Anybody can be added; those with active keys there cannot be removed.</summary>
internal static class WorkspaceMembersEndpoint
{
    private const int MostAtOnce = 100;

    public static void Handle(ManagementCall call, SandboxWorkspace workspace)
    {
        switch (call.Route)
        {
            case ["GET", _, _, _]:
                call.AnswerPage(workspace.Members, (json, member) => Write(json, call.Account, workspace, member));
                break;
            case ["POST", _, _, _, "add"]:
                Add(call, workspace);
                break;
            case ["POST", _, _, _, "remove"]:
                Remove(call, workspace);
                break;
            default:
                throw new RefusedException(Refused.NotFound);
        }
    }

    private static void Add(ManagementCall call, SandboxWorkspace workspace)
    {
        (string Id, string UserId, DateTimeOffset CreatedAt)[] added = [.. call.ReadBody().Texts("user_ids", MostAtOnce)
            .Distinct()
            .Where(user => workspace.Members.TrueForAll(member => member.UserId != user))
            .Select(user => (Guid.NewGuid().ToString(), user, call.Now))];
        workspace.Members.AddRange(added);
        call.Answer(json =>
        {
            json.WriteNumber("added_count", added.Length);
            json.WriteList("data", added, (writer, member) => Write(writer, call.Account, workspace, member));
        });
    }

    private static void Remove(ManagementCall call, SandboxWorkspace workspace)
    {
        string[] users = call.ReadBody().Texts("user_ids", MostAtOnce);
        if (call.Account.Keys.Any(key => key.WorkspaceId == workspace.Id && !key.Disabled && users.Contains(key.CreatorUserId)))
        {
            throw new RefusedException(Refused.MemberHasKeys);
        }

        call.AnswerCount("removed_count", workspace.Members.RemoveAll(member => users.Contains(member.UserId)));
    }

    private static void Write(Utf8JsonWriter json, SandboxAccount account, SandboxWorkspace workspace, (string Id, string UserId, DateTimeOffset CreatedAt) member)
    {
        json.WriteString("id", member.Id);
        json.WriteString("workspace_id", workspace.Id);
        json.WriteString("user_id", member.UserId);
        json.WriteString("role", member.UserId == account.UserId ? "admin" : "member");
        json.WriteInstantOrNull("created_at", member.CreatedAt);
    }
}
