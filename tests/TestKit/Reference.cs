using System.Text.Json.Nodes;

namespace OpenRouter.Billing.Tests.TestKit;

/// <summary>Recorded exchanges and the schema, from the folder that an environment variable names; without it their tests are skipped.</summary>
public static class Reference
{
    private const string Variable = "OPENROUTER_BILLING_REFERENCE";

    /// <summary>The path of a reference file or folder; skips the test when there is none.</summary>
    public static string Path(string relative)
    {
        var folder = Environment.GetEnvironmentVariable(Variable);
        Assert.SkipWhen(string.IsNullOrEmpty(folder), $"{Variable} is not set, so there is no reference data.");
        var path = System.IO.Path.Combine(folder!, relative);
        Assert.True(System.IO.Path.Exists(path), $"{Variable} is set, but '{relative}' is not below it.");
        return path;
    }

    public static JsonNode Json(string relative) => JsonNode.Parse(File.ReadAllText(Path(relative)))!;

    /// <summary>All recorded exchanges, in the order of their file names.</summary>
    public static IReadOnlyList<JsonNode> Recordings() =>
        [.. Directory.EnumerateFiles(Path("recordings"), "*.json").Order(StringComparer.Ordinal).Select(file => JsonNode.Parse(File.ReadAllText(file))!)];
}
