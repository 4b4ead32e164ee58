using System.Reflection;
using System.Runtime.CompilerServices;

namespace OpenRouter.Billing.Tests.TestKit;

/// <summary>Prints what an assembly shows to its users, so that every change of it shows in a review.</summary>
public static class PublicSurface
{
    /// <summary>Holds the surface against the approved text; the failure shows both.</summary>
    public static void AssertApproved(Assembly assembly, string approvedFile)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        var types = assembly.GetExportedTypes().OrderBy(type => type.Name, StringComparer.Ordinal);
        var surface = string.Join("\n\n", types.Select(Describe)) + "\n";
        if (Environment.GetEnvironmentVariable("APPROVE_PUBLIC_API") == "1")
        {
            // For whoever changed the surface on purpose; the change then shows in the diff of the file.
            File.WriteAllText(Path.Combine(Repository.Root, approvedFile), surface);
        }

        Assert.Equal(Repository.Read(approvedFile).ReplaceLineEndings("\n"), surface);
    }

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
