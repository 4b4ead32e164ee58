namespace OpenRouter.Billing.Sandbox;

/// <summary>Finds what answers a management call: the first segment of the path tells.</summary>
internal static class ManagementEndpoints
{
    public static Action<ManagementCall>? Find(Exchange exchange) => exchange.Request.Path.Split('/') switch
    {
        ["", "keys", ..] => KeysEndpoint.Handle,
        ["", "workspaces", ..] => WorkspacesEndpoint.Handle,
        ["", "guardrails", ..] => GuardrailsEndpoint.Handle,
        _ => null,
    };

    public static async Task RunAsync(Exchange exchange, SandboxKey caller, Action<ManagementCall> handle)
    {
        if (!caller.IsManagementKey)
        {
            await exchange.RefuseAsync(Refused.ManagementKeysOnly).ConfigureAwait(false);
            return;
        }

        ManagementCall call = new(exchange, caller.Account);
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
}
