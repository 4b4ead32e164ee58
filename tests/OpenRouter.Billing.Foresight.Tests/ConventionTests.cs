using System.Reflection;
using System.Runtime.CompilerServices;
using System.Xml.Linq;

namespace OpenRouter.Billing.Foresight.Tests;

/// <summary>The rules of the house that reflection can see.</summary>
public sealed class ConventionTests
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Assembly Library = typeof(Forecast).Assembly;

    private static readonly Type[] PublicTypes = [.. Library.GetExportedTypes()];

    private static readonly Lazy<Dictionary<string, string>> Documentation = new(() =>
        XDocument.Load(Path.ChangeExtension(Library.Location, ".xml")).Descendants("member").ToDictionary(member => member.Attribute("name")!.Value, member => member.ToString()));

    [Fact]
    public void PublicClasses_AreSealedOrStatic() => Holds(PublicTypes.Where(type => type.IsClass && !type.IsSealed), "is neither sealed nor static");

    [Fact]
    public void Namespaces_AreThePackageOrTheExtendedType() =>
        Holds(PublicTypes.Where(type => type.Namespace is not ("OpenRouter.Billing.Foresight" or "Microsoft.Extensions.DependencyInjection")), "lies in an unknown namespace");

    [Fact]
    public void AsyncMethods_EndWithAsyncAndTakeATokenLast() =>
        Holds(
            Methods().Where(method => typeof(Task).IsAssignableFrom(method.ReturnType) || method.ReturnType == typeof(ValueTask) || method.ReturnType.Name is "ValueTask`1" or "IAsyncEnumerable`1")
                .Where(method => method.Name != nameof(IAsyncDisposable.DisposeAsync))
                .Where(method => !method.Name.EndsWith("Async", StringComparison.Ordinal) || method.GetParameters().LastOrDefault() is not { IsOptional: true } last || last.ParameterType != typeof(CancellationToken)),
            "is awaited but does not end with Async and an optional CancellationToken");

    [Fact]
    public void Properties_OutsideOptions_CannotBeSetLater() =>
        Holds(
            PublicTypes.Where(type => !type.Name.EndsWith("Options", StringComparison.Ordinal)).SelectMany(type => type.GetProperties(Declared))
                .Where(property => property.SetMethod is { IsPublic: true } setter && !setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit))),
            "has a public setter");

    [Fact]
    public void Exceptions_AreUnderTheRoot() =>
        Holds(PublicTypes.Where(type => type.IsSubclassOf(typeof(Exception)) && !type.IsSubclassOf(typeof(OpenRouterBillingException))), "is no exception of ours");

    [Fact]
    public void PublicMembers_HaveNoBinaryFloatingPoint() =>
        Holds(PublicTypes.SelectMany(type => type.GetMembers(Declared)).Where(member => Types(member).Any(IsFloat)), "has a binary fraction");

    [Fact]
    public void PublicTypesAndMembers_AllHaveASummary() =>
        Holds(
            PublicTypes.Concat(PublicTypes.SelectMany(type => type.GetMembers(Declared)).Where(IsWrittenByHand))
                .Where(member => Text(member) is var text && !text.Contains(".</summary>", StringComparison.Ordinal) && !text.Contains("<inheritdoc", StringComparison.Ordinal) && !text.Contains($"<param name=\"{member.Name}\">", StringComparison.Ordinal)),
            "has no summary that ends with a full stop");

    [Fact]
    public void Decimals_NameTheirUnit() =>
        Holds(
            PublicTypes.SelectMany(type => type.GetProperties(Declared)).Where(property => (Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType) == typeof(decimal))
                .Where(property => Text(property) is var text && !text.Contains("US dollars", StringComparison.Ordinal) && !text.Contains("without unit", StringComparison.Ordinal) && !text.Contains("<see cref=\"P:", StringComparison.Ordinal)),
            "is an amount without a unit in its documentation");

    private static void Holds(IEnumerable<MemberInfo> offenders, string fault)
    {
        var found = offenders.Select(member => $"{(member as Type ?? member.DeclaringType)!.Name}{(member is Type ? string.Empty : "." + member.Name)} {fault}.").Order(StringComparer.Ordinal).ToList();
        Assert.True(found.Count == 0, string.Join(Environment.NewLine, found));
    }

    private static IEnumerable<MethodInfo> Methods() => PublicTypes.SelectMany(type => type.GetMethods(Declared)).Where(method => !method.IsSpecialName);

    private static bool IsFloat(Type type) => type == typeof(double) || type == typeof(float) || (type.IsGenericType && type.GetGenericArguments().Any(IsFloat));

    private static IEnumerable<Type> Types(MemberInfo member) => member switch
    {
        MethodInfo method => [.. method.GetParameters().Select(parameter => parameter.ParameterType), method.ReturnType],
        ConstructorInfo constructor => constructor.GetParameters().Select(parameter => parameter.ParameterType),
        PropertyInfo property => [property.PropertyType],
        _ => [],
    };

    private static bool IsWrittenByHand(MemberInfo member) => member switch
    {
        MethodInfo method => !method.IsSpecialName && method.GetCustomAttribute<CompilerGeneratedAttribute>() is null
            && method.Name is not ("Deconstruct" or "ToString" or "<Clone>$" or "Equals" or "GetHashCode" or nameof(IAsyncDisposable.DisposeAsync) or nameof(IDisposable.Dispose)),
        PropertyInfo property => property.Name != "EqualityContract",
        FieldInfo field => field.Name != "value__",
        _ => false,
    };

    private static string Text(MemberInfo member)
    {
        var owner = (member as Type ?? member.DeclaringType)!.FullName!;
        var (kind, name) = member switch
        {
            Type => ("T:", owner),
            PropertyInfo => ("P:", $"{owner}.{member.Name}"),
            FieldInfo => ("F:", $"{owner}.{member.Name}"),
            _ => ("M:", $"{owner}.{member.Name}"),
        };
        // Of overloads the first one speaks for all; a record's parameter is described at its type.
        var text = Documentation.Value.FirstOrDefault(entry => entry.Key == kind + name || entry.Key.StartsWith($"{kind}{name}(", StringComparison.Ordinal)).Value;
        return text is null or "" ? Documentation.Value.GetValueOrDefault("T:" + owner, string.Empty) : text;
    }
}
