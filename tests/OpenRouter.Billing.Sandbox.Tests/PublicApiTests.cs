using System.Reflection;
using System.Runtime.CompilerServices;

namespace OpenRouter.Billing.Sandbox.Tests;

/// <summary>Every change of the public surface shows in the diff of PublicApi.txt.</summary>
public sealed class PublicApiTests
{
    private static readonly Type[] Types = [.. typeof(OpenRouterSandbox).Assembly.GetExportedTypes().OrderBy(type => type.Name, StringComparer.Ordinal)];

    [Fact]
    public void PublicSurface_Now_IsAsApproved()
    {
        string approved = File.ReadAllText(ApprovedPath()).ReplaceLineEndings("\n");

        Assert.Equal(approved, string.Join("\n\n", Types.Select(Describe)) + "\n");
    }

    [Fact]
    public void PublicTypes_All_AreSealedAndInOneNamespace()
    {
        Assert.All(Types, type => Assert.True(type.IsSealed, type.Name));
        Assert.Equal(["OpenRouter.Billing.Sandbox"], Types.Select(type => type.Namespace).Distinct());
    }

    private static string ApprovedPath([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "PublicApi.txt");

    private static string Describe(Type type) => string.Join('\n', (string[])[type.Name, .. Members(type).Order(StringComparer.Ordinal).Select(member => "  " + member)]);

    private static IEnumerable<string> Members(Type type)
    {
        const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        if (type.IsEnum)
        {
            return Enum.GetNames(type);
        }

        return type.GetConstructors().Select(constructor => $"new({Parameters(constructor)})")
            .Concat(type.GetProperties(Declared).Where(property => property.Name != "EqualityContract").Select(property =>
                $"{Name(property.PropertyType)} {property.Name} {{ {(property.CanRead ? "get; " : "")}{Setter(property)}}}"))
            .Concat(type.GetMethods(Declared)
                .Where(method => !method.IsSpecialName && !method.IsDefined(typeof(CompilerGeneratedAttribute)) && method.Name is not ("ToString" or "GetHashCode" or "Equals"))
                .Select(method => $"{(method.IsStatic ? "static " : "")}{Name(method.ReturnType)} {method.Name}({Parameters(method)})"));
    }

    private static string Setter(PropertyInfo property) => property.GetSetMethod() is not { } setter ? ""
        : setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? "init; "
        : "set; ";

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(parameter =>
        $"{Name(parameter.ParameterType)} {parameter.Name}{(parameter.HasDefaultValue ? " = " + (parameter.DefaultValue ?? "null") : "")}"));

    private static string Name(Type type) => Nullable.GetUnderlyingType(type) is { } inner ? Name(inner) + "?"
        : type.IsGenericType ? $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
        : type.Name;
}
