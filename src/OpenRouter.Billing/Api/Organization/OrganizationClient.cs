using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing;

/// <inheritdoc cref="IOrganizationClient"/>
internal sealed class OrganizationClient(BillingTransport transport) : IOrganizationClient
{
    public IAsyncEnumerable<OrganizationMember> ListMembersAsync(CancellationToken cancellationToken = default) =>
        Pages.ReadAsync(transport, transport.Read($"organization/members?limit={Pages.Size}", "organization/members"), WireContext.Default.ListPayloadOrganizationMemberItemOrganizationMember, cancellationToken);
}
