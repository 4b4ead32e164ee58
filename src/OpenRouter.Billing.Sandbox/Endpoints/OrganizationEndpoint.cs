using System.Text.Json;

namespace OpenRouter.Billing.Sandbox;

/// <summary><c>GET /organization/members</c>: whoever is in the default workspace, which has everybody.</summary>
internal static class OrganizationEndpoint
{
    public static void Handle(ManagementCall call)
    {
        if (call.Route is not ["GET", "organization", "members"] || call.Account.OrganizationId is null)
        {
            throw new RefusedException(Refused.NotFound);
        }

        string[] users = [.. call.Account.Workspaces.All.SelectMany(workspace => workspace.Members).Select(member => member.UserId).Prepend(call.Account.UserId).Distinct()];
        call.AnswerPage(users, (json, user) => Write(json, call.Account, user));
    }

    private static void Write(Utf8JsonWriter json, SandboxAccount account, string user)
    {
        json.WriteString("id", user);
        json.WriteString("email", $"{user}@example.com");
        json.WriteNulls("first_name", "last_name");
        json.WriteString("role", user == account.UserId ? "org:admin" : "org:member");
    }
}
