using System.Reflection;

namespace OpenRouter.Billing.Tests.TestKit;

/// <summary>The working copy that the tests were built from.</summary>
public static class Repository
{
    public static string Root { get; } = Metadata("RepositoryRoot");

    /// <summary>Gets the configuration that the tests were built in.</summary>
    public static string Configuration { get; } = Metadata("Configuration");

    public static string Read(string relative) => File.ReadAllText(Path.Combine(Root, relative));

    /// <summary>The built program of a sample, in the configuration of the tests.</summary>
    public static string Sample(string name) => Path.Combine(Root, "samples", name, "bin", Configuration, "net10.0", name + ".dll");

    private static string Metadata(string key) => typeof(Repository).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == key).Value!;
}
