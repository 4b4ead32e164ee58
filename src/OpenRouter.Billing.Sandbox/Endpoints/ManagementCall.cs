using System.Text.Json;

namespace OpenRouter.Billing.Sandbox;

/// <summary>One management call: its path, query and body, and the answer that an endpoint gives it.</summary>
internal sealed class ManagementCall(Exchange exchange, SandboxAccount account)
{
    private const int LargestPage = 100;

    public SandboxAccount Account => account;

    public DateTimeOffset Now => exchange.Now;

    /// <summary>The method, then the segments of the path.</summary>
    public string[] Route { get; } = [exchange.Request.Method, .. exchange.Request.Path.Split('/', StringSplitOptions.RemoveEmptyEntries)];

    public int Status { get; private set; } = 200;

    public ReadOnlyMemory<byte> Body { get; private set; }

    public RequestBody ReadBody() => RequestBody.Read(exchange.Request.Body);

    public string? Query(string name) => exchange.QueryValue(name);

    /// <summary>Truth values in queries are words.</summary>
    public bool QueryTruth(string name) => Query(name) switch { null or "false" => false, "true" => true, _ => throw RequestBody.Bad() };

    /// <summary>The workspace that a query names, else the default one.</summary>
    public SandboxWorkspace? QueryWorkspace() => Query("workspace_id") is not { } id ? account.Workspaces.Default
        : Guid.TryParse(id, out _) && account.Workspaces.Find(id) is { } workspace ? workspace
        : throw RequestBody.Bad();

    /// <summary>The workspace that a body names, else the default one.</summary>
    public SandboxWorkspace WorkspaceOf(RequestBody body) => body.Uuid("workspace_id") is { } id
        ? account.Workspaces.Find(id.ToString("D")) ?? throw RequestBody.Bad()
        : account.Workspaces.Default ?? throw new RefusedException(Refused.NoDefaultWorkspace);

    public int QueryNumber(string name, int otherwise, int least, int most) =>
        exchange.TryQueryNumber(name, least, most, ref otherwise) ? otherwise : throw RequestBody.Bad();

    public void Answer(Action<Utf8JsonWriter> members, int status = 200) => (Status, Body) = (status, Json.Write(json =>
    {
        json.WriteStartObject();
        members(json);
        json.WriteEndObject();
    }));

    public void AnswerData(Action<Utf8JsonWriter> members, int status = 200) => (Status, Body) = (status, Json.WriteData(members));

    public void AnswerDeleted() => Answer(json => json.WriteBoolean("deleted", true));

    public void AnswerCount(string name, int count) => Answer(json => json.WriteNumber(name, count));

    /// <summary>One page by <c>offset</c> and <c>limit</c>, with the number of all.</summary>
    public void AnswerPage<T>(IReadOnlyList<T> all, Action<Utf8JsonWriter, T> write)
    {
        int offset = QueryNumber("offset", 0, 0, int.MaxValue);
        int limit = QueryNumber("limit", 50, 1, LargestPage);
        Answer(json =>
        {
            json.WriteList("data", all.Skip(offset).Take(limit), write);
            json.WriteNumber("total_count", all.Count);
        });
    }
}
