namespace OpenRouter.Billing.Sandbox;

/// <summary>Finds what answers a management call: the first segment of the path tells.</summary>
internal static class ManagementEndpoints
{
    public static Action<ManagementCall>? Find(Exchange exchange) => exchange.Request.Path.Split('/') switch
    {
        ["", "keys", ..] => KeysEndpoint.Handle,
        ["", "workspaces", ..] => WorkspacesEndpoint.Handle,
        ["", "guardrails", ..] => GuardrailsEndpoint.Handle,
        ["", "byok", ..] => ByokEndpoint.Handle,
        ["", "organization", ..] => OrganizationEndpoint.Handle,
        _ => null,
    };

    public static async Task RunAsync(Exchange exchange, SandboxKey caller, Action<ManagementCall> handle)
    {
        ManagementCall call = new(exchange, caller.Account);
        if (!caller.IsManagementKey)
        {
            await exchange.RefuseAsync(SaysUnauthorized(call.Route) ? Refused.NoManagementKey : Refused.ManagementKeysOnly).ConfigureAwait(false);
            return;
        }

        try
        {
            // One step under the account's lock, so that parallel calls see each other whole.
            caller.Account.Locked(_ => handle(call));
        }
        catch (RefusedException refused)
        {
            await exchange.RefuseAsync(refused.Refusal).ConfigureAwait(false);
            return;
        }

        await exchange.AnswerAsync(call.Status, call.Body).ConfigureAwait(false);
    }

    /// <summary>An ordinary key gets 401 where the operation declares no 403.</summary>
    private static bool SaysUnauthorized(string[] route) => route switch
    {
        ["GET", "keys"] or [_, "keys", _] => true,
        ["GET", "workspaces"] or ["GET", "workspaces", _] or [_, "workspaces", _, "budgets", ..] => true,
        ["GET", "guardrails"] or ["GET" or "DELETE", "guardrails", _] => true,
        ["POST", "guardrails", _, "assignments", "keys"] => false,
        [_, "guardrails", "assignments", ..] or [_, "guardrails", _, "assignments", ..] => true,
        ["GET", "byok"] or ["GET" or "DELETE", "byok", _] => true,
        ["GET", "organization", "members"] => true,
        _ => false,
    };
}
