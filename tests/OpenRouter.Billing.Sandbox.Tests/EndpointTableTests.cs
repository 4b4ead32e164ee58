using System.IO.Compression;
using System.Text.RegularExpressions;

namespace OpenRouter.Billing.Sandbox.Tests;

/// <summary>Holds the README's table of endpoints against what the sandbox answers.</summary>
public sealed partial class EndpointTableTests
{
    private static readonly string[] Methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];

    private static readonly IReadOnlyList<Endpoint> Table = [.. Rows().SelectMany(row => Listed().Matches(row.Endpoints).Select(listed => new Endpoint(row.Key, listed.Groups["methods"].Value.Split(", "), listed.Groups["path"].Value)))];

    public static TheoryData<string> Paths => [.. Table.Select(endpoint => endpoint.Path)];

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Endpoint_OfTheTable_AnswersItsMethodsAndNoOthers(string path)
    {
        Endpoint endpoint = Table.Single(each => each.Path == path);
        foreach (string method in Methods)
        {
            await using World world = await World.StartAsync();

            Reply reply = await world.AskAsync(method, path, endpoint.Key == "ordinary" ? world.ApiKey : world.ManagementKey);

            Assert.True(endpoint.Methods.Contains(method) == reply.Status is not 404, $"{method} {path} was answered with {reply.Status}: {reply.Body}");
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Endpoint_OfTheTable_TakesTheKeysThatItNames(string path)
    {
        Endpoint endpoint = Table.Single(each => each.Path == path);
        await using World world = await World.StartAsync();
        string method = endpoint.Methods[0];

        Assert.Equal(endpoint.Key != "none", (await world.AskAsync(method, path, null)).Status == 401);
        Assert.Equal(endpoint.Key == "management", (await world.AskAsync(method, path, world.ApiKey)).Status is 401 or 403);
        Assert.Equal(endpoint.Key == "ordinary", (await world.AskAsync(method, path, world.ManagementKey)).Status is 401 or 403);
    }

    [Fact]
    public async Task Endpoint_OfTheRealServiceAndNotOfTheTable_Is404()
    {
        string[] documented = await DocumentedPathsAsync();
        string[] known = [.. Table.Select(endpoint => Shape(endpoint.Path))];
        string[] others = [.. documented.Where(path => !known.Contains(Shape(path)) && !known.Contains(Shape(path.Replace("/keys", "/{kind}", StringComparison.Ordinal).Replace("/members", "/{kind}", StringComparison.Ordinal))))];
        await using World world = await World.StartAsync();

        Assert.NotEmpty(others);
        foreach (string path in others)
        {
            foreach (string method in Methods)
            {
                Assert.Equal((path, method, 404), (path, method, (await world.AskAsync(method, path, world.ManagementKey)).Status));
            }
        }
    }

    private static IEnumerable<(string Key, string Endpoints)> Rows()
    {
        string readme = Repository.Read("src/OpenRouter.Billing.Sandbox/README.md");
        string section = readme[readme.IndexOf("## Endpoints", StringComparison.Ordinal)..readme.IndexOf("## What a request costs", StringComparison.Ordinal)];
        return section.Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1)
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Select(cells => (cells[1], cells[2]));
    }

    private static async Task<string[]> DocumentedPathsAsync()
    {
        await using GZipStream document = new(File.OpenRead(Reference.Path("openrouter-openapi-2026-08-22.yaml.gz")), CompressionMode.Decompress);
        using StreamReader reader = new(document);
        return [.. DocumentedPath().Matches(await reader.ReadToEndAsync(SandboxFixture.Cancelled)).Select(match => match.Groups["path"].Value)];
    }

    /// <summary>Two paths that differ in the names of their parameters alone are one.</summary>
    private static string Shape(string path) => Parameter().Replace(path, "{}");

    [GeneratedRegex(@"`(?<methods>[A-Z]+(, [A-Z]+)*) (?<path>/[^`\s]+)`")]
    private static partial Regex Listed();

    [GeneratedRegex(@"^  (?<path>/\S+):\s*$", RegexOptions.Multiline)]
    private static partial Regex DocumentedPath();

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();

    private sealed record Endpoint(string Key, string[] Methods, string Path);

    /// <summary>An organization's account with one of everything that a path may name.</summary>
    private sealed class World(SandboxFixture fixture, SandboxAccount account) : IAsyncDisposable
    {
        private readonly Dictionary<string, string> _named = new()
        {
            ["{hash}"] = account.Keys[0].Hash,
            ["{interval}"] = "daily",
            ["{kind}"] = "members",
            ["{author}/{slug}"] = SandboxFixture.Paid,
        };

        public string ApiKey => account.Keys[0].Secret;

        public string ManagementKey => account.Keys[1].Secret;

        public static async Task<World> StartAsync()
        {
            SandboxFixture fixture = await SandboxFixture.StartAsync();
            SandboxAccount account = fixture.Sandbox.CreateAccount(initialCredits: 10m, organizationId: "org_1");
            account.CreateKey();
            account.CreateKey(new SandboxKeyOptions { IsManagementKey = true });
            World world = new(fixture, account);
            world._named["/workspaces/{id}"] = "/workspaces/" + account.DefaultWorkspaceId;
            world._named["/guardrails/{id}"] = "/guardrails/" + await world.CreateAsync("guardrails", """{"name":"g"}""");
            world._named["/byok/{id}"] = "/byok/" + await world.CreateAsync("byok", """{"provider":"openai","key":"k"}""");
            await fixture.SendAsync(HttpMethod.Put, $"workspaces/{account.DefaultWorkspaceId}/budgets/daily", world.ManagementKey, """{"limit_usd":1}""");
            return world;
        }

        /// <summary>Asks with an empty object where a body may stand, which is not enough for any that makes something.</summary>
        public Task<Reply> AskAsync(string method, string path, string? key)
        {
            foreach ((string name, string value) in _named)
            {
                path = path.Replace(name, value, StringComparison.Ordinal);
            }

            return fixture.SendAsync(new HttpMethod(method), path.TrimStart('/'), key, method is "GET" or "DELETE" ? null : "{}");
        }

        public ValueTask DisposeAsync() => fixture.DisposeAsync();

        private async Task<string> CreateAsync(string path, string body) =>
            (string)(await fixture.SendAsync(HttpMethod.Post, path, ManagementKey, body)).Data["id"]!;
    }
}
