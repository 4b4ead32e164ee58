namespace OpenRouter.Billing.Sandbox;

/// <summary><c>GET /credits</c>.</summary>
internal sealed class CreditsEndpoint(OpenRouterSandboxOptions options)
{
    public Task HandleAsync(Exchange exchange, SandboxKey caller)
    {
        if (!caller.IsManagementKey && options.CreditsForOrdinaryKeys == OrdinaryKeyCredits.Forbidden)
        {
            return exchange.RefuseAsync(Refused.ManagementKeysOnly);
        }

        bool hidden = !caller.IsManagementKey && options.CreditsForOrdinaryKeys == OrdinaryKeyCredits.Zeros;
        (decimal credits, decimal usage) = caller.Account.Locked(_ => (caller.Account.TotalCredits, caller.Account.TotalUsage));
        return exchange.AnswerAsync(200, Json.WriteData(json =>
        {
            json.WriteMoney("total_credits", hidden ? 0 : credits);
            json.WriteMoney("total_usage", hidden ? 0 : usage);
        }));
    }
}
