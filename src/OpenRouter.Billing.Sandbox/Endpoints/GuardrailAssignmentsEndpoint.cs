using System.Text.Json;

namespace OpenRouter.Billing.Sandbox;

/// <summary>Which keys and members a guardrail binds. A key has one guardrail at most; another takes its place.</summary>
internal static class GuardrailAssignmentsEndpoint
{
    private const string Keys = "keys";
    private const string Members = "members";

    public static void Handle(ManagementCall call, SandboxGuardrail guardrail)
    {
        switch (call.Route[4..])
        {
            case [var kind] when call.Route[0] == "GET":
                List(call, kind, [guardrail]);
                break;
            case [Keys] when call.Route[0] == "POST":
                call.AnswerCount("assigned_count", AssignKeys(call, guardrail));
                break;
            case [Members] when call.Route[0] == "POST":
                call.AnswerCount("assigned_count", Assign(call, guardrail.Members, "member_user_ids"));
                break;
            case [Keys, "remove"] when call.Route[0] == "POST":
                call.AnswerCount("unassigned_count", call.ReadBody().Texts("key_hashes").Count(guardrail.Keys.Remove));
                break;
            case [Members, "remove"] when call.Route[0] == "POST":
                call.AnswerCount("unassigned_count", call.ReadBody().Texts("member_user_ids").Count(guardrail.Members.Remove));
                break;
            default:
                throw new RefusedException(Refused.NotFound);
        }
    }

    public static void List(ManagementCall call, string kind, IEnumerable<SandboxGuardrail> guardrails)
    {
        if (kind is not (Keys or Members))
        {
            throw new RefusedException(Refused.NotFound);
        }

        (SandboxGuardrail Guardrail, string Who, string Id, DateTimeOffset At)[] all = [.. guardrails.SelectMany(guardrail =>
            (kind == Keys ? guardrail.Keys : guardrail.Members).Select(each => (guardrail, each.Key, each.Value.Id, each.Value.At)))];
        call.AnswerPage(all, (json, assignment) => Write(json, call.Account, kind, assignment));
    }

    private static int AssignKeys(ManagementCall call, SandboxGuardrail guardrail)
    {
        string[] hashes = call.ReadBody().Texts("key_hashes");
        if (!hashes.All(hash => call.Account.Keys.Any(key => key.Hash == hash)))
        {
            throw new RefusedException(Refused.NotFound);
        }

        foreach (SandboxGuardrail other in call.Account.Guardrails.All.Where(other => other != guardrail))
        {
            _ = hashes.Count(other.Keys.Remove);
        }

        return Assign(call, guardrail.Keys, "key_hashes");
    }

    private static int Assign(ManagementCall call, Dictionary<string, (string Id, DateTimeOffset At)> assigned, string member) =>
        call.ReadBody().Texts(member).Count(who => assigned.TryAdd(who, (Guid.NewGuid().ToString(), call.Now)));

    private static void Write(Utf8JsonWriter json, SandboxAccount account, string kind, (SandboxGuardrail Guardrail, string Who, string Id, DateTimeOffset At) assignment)
    {
        json.WriteString("id", assignment.Id);
        json.WriteString("guardrail_id", assignment.Guardrail.Id);
        json.WriteNull("assigned_by");
        json.WriteInstantOrNull("created_at", assignment.At);
        if (kind == Members)
        {
            json.WriteString("organization_id", account.OrganizationId ?? "");
            json.WriteString("user_id", assignment.Who);
            return;
        }

        SandboxKey? key = account.Keys.FirstOrDefault(key => key.Hash == assignment.Who);
        json.WriteString("key_hash", assignment.Who);
        json.WriteString("key_name", key?.Label ?? "");
        json.WriteString("key_label", key?.MaskedSecret ?? "");
    }
}
