using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing;

/// <inheritdoc cref="IGuardrailsClient"/>
internal sealed class GuardrailsClient(BillingTransport transport) : IGuardrailsClient
{
    // Some guardrails list hundreds of models.
    private const int MaxAnswerBytes = 16 * 1024 * 1024;
    private const string One = "guardrails/{id}";

    public IGuardrailAssignmentsClient Assignments { get; } = new GuardrailAssignmentsClient(transport);

    public IAsyncEnumerable<Guardrail> ListAsync(Guid? workspaceId = null, CancellationToken cancellationToken = default)
    {
        var path = $"guardrails?limit={Pages.Size}" + (workspaceId is { } id ? $"&workspace_id={id:D}" : string.Empty);
        return Pages.ReadAsync(transport, transport.Read(path, "guardrails") with { MaxAnswerBytes = MaxAnswerBytes }, WireContext.Default.ListPayloadGuardrailItemGuardrail, cancellationToken);
    }

    public Task<Guardrail> GetAsync(string id, CancellationToken cancellationToken = default) =>
        SendAsync(transport.Read(PathOf(id), One), cancellationToken);

    public Task<Guardrail> CreateAsync(GuardrailDraft draft, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(draft);
        return SendAsync(transport.Write(HttpMethod.Post, "guardrails", "guardrails", GuardrailChangePayload.From(draft), WireContext.Default.GuardrailChangePayload), cancellationToken);
    }

    public Task<Guardrail> UpdateAsync(string id, GuardrailUpdate update, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(update);
        return SendAsync(transport.Write(HttpMethod.Patch, PathOf(id), One, GuardrailChangePayload.From(update), WireContext.Default.GuardrailChangePayload), cancellationToken);
    }

    public Task DeleteAsync(string id, CancellationToken cancellationToken = default) =>
        transport.SendAsync(transport.Write(HttpMethod.Delete, PathOf(id), One), WireContext.Default.DeletedPayload, cancellationToken);

    internal static string PathOf(string id) => "guardrails/" + PathSegment.Of(id, nameof(id));

    private async Task<Guardrail> SendAsync(BillingCall call, CancellationToken cancellationToken) =>
        (await transport.SendAsync(call, WireContext.Default.ItemPayloadGuardrailItemGuardrail, cancellationToken).ConfigureAwait(false)).ToModel();
}
