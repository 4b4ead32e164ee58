using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using OpenRouter.Billing.Packages.Tests.Packages;

namespace OpenRouter.Billing.Packages.Tests;

/// <summary>The rules of the house that reflection and a look at the files can see, for all packages.</summary>
public sealed partial class ConventionTests
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Type[] PublicTypes = [.. Libraries.All.SelectMany(library => library.GetExportedTypes())];

    private static readonly Lazy<Dictionary<string, XElement>> Documentation = new(() =>
        Libraries.All.SelectMany(library => XDocument.Load(Path.ChangeExtension(library.Location, ".xml")).Descendants("member"))
            .GroupBy(member => member.Attribute("name")!.Value).ToDictionary(members => members.Key, members => members.First()));

    [Fact]
    public void PublicClasses_AreSealedStaticOrExceptionRoots() =>
        Holds(PublicTypes.Where(type => type.IsClass && !type.IsSealed && !(type.IsAbstract && type.IsSubclassOf(typeof(Exception)))), "is neither sealed nor static nor the root of exceptions");

    [Fact]
    public void WireAndTelemetry_AreInternal() =>
        Holds(PublicTypes.Where(type => type.Namespace is "OpenRouter.Billing.Wire" or "OpenRouter.Billing.Telemetry"), "is public");

    [Fact]
    public void Namespaces_AreTheWingsOrTheExtendedTypes() =>
        Holds(
            PublicTypes.Where(type => type.Namespace != type.Assembly.GetName().Name && type.Namespace != "OpenRouter.Billing.Guard"
                && !(type is { IsAbstract: true, IsSealed: true } && type.Namespace!.StartsWith("Microsoft.", StringComparison.Ordinal))),
            "lies in an unknown namespace");

    [Fact]
    public void AsyncMethods_EndWithAsyncAndTakeATokenLast() =>
        Holds(
            Methods().Where(method => IsAwaitable(method.ReturnType) && !IsInherited(method)
                && (!method.Name.EndsWith("Async", StringComparison.Ordinal) || method.GetParameters().LastOrDefault() is not { } last || last.ParameterType != typeof(CancellationToken) || !last.IsOptional)),
            "is awaited but does not end with Async and an optional CancellationToken");

    [Fact]
    public void SynchronousMethods_DoNotEndWithAsync() =>
        Holds(Methods().Where(method => !IsAwaitable(method.ReturnType) && method.Name.EndsWith("Async", StringComparison.Ordinal)), "is not awaited but named as if");

    [Fact]
    public void Properties_OutsideOptions_CannotBeSetLater() =>
        Holds(
            // A key of the sandbox is changed while it runs, as its owner changes one at OpenRouter.
            PublicTypes.Where(type => !type.Name.EndsWith("Options", StringComparison.Ordinal) && type.Name != "SandboxKey")
                .SelectMany(type => type.GetProperties(Declared))
                .Where(property => property.SetMethod is { IsPublic: true } setter && !setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit))),
            "has a public setter");

    [Fact]
    public void Options_AreSealedWithAParameterlessConstructor() =>
        Holds(PublicTypes.Where(type => type.Name.EndsWith("Options", StringComparison.Ordinal) && (!type.IsSealed || type.GetConstructor([]) is null)), "is no options class");

    [Fact]
    public void Exceptions_AreUnderTheRootAndPubliclyConstructible() =>
        Holds(
            PublicTypes.Where(type => type.IsSubclassOf(typeof(Exception)) && type != typeof(OpenRouterBillingException)
                && (!type.IsSubclassOf(typeof(OpenRouterBillingException)) || !type.Name.EndsWith("Exception", StringComparison.Ordinal) || (!type.IsAbstract && type.GetConstructors().Length == 0))),
            "is no exception of ours that a test could throw");

    [Fact]
    public void Exceptions_AreNoHttpRequestExceptions() =>
        // Resilience handlers take that one for a passing fault and would repeat a refusal.
        Assert.False(typeof(HttpRequestException).IsAssignableFrom(typeof(OpenRouterBillingException)));

    [Fact]
    public void PublicMembers_HaveNoBinaryFloatingPoint() =>
        Holds(PublicTypes.SelectMany(type => type.GetMembers(Declared)).Where(member => Types(member).Any(IsFloat)), "has a double or float");

    [Fact]
    public void PublicFields_DoNotExist() =>
        Holds(PublicTypes.Where(type => !type.IsEnum).SelectMany(type => type.GetFields(Declared)).Where(field => !field.IsLiteral), "is a public field");

    [Fact]
    public void Names_EndInNothingEmpty() =>
        // A model is a thing of this domain.
        Holds(PublicTypes.Where(type => EmptyEnding().IsMatch(type.Name) && type.Name != "SandboxModel"), "ends in a word that says nothing");

    [Fact]
    public void PublicTypesAndMembers_AllHaveASummary()
    {
        Assert.True(Documentation.Value.Count > 100, "The documentation file is not that of the library.");
        var members = PublicTypes.SelectMany(type => type.GetMembers(Declared)).Where(member => IsWrittenByHand(member) && member is not Type);
        Holds(PublicTypes.Concat(members).Where(member => Doc(member) is not { } doc || !(HasSummary(doc) || doc.Descendants("inheritdoc").Any() || IsRecordParameter(member))), "has no summary that ends with a full stop");
    }

    [Fact]
    public void Decimals_NameTheirUnit() =>
        Holds(
            PublicTypes.SelectMany(type => type.GetProperties(Declared)).Where(property => (Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType) == typeof(decimal))
                .Where(property => !(Text(Doc(property)) + RecordParameter(property)).Contains("US dollars", StringComparison.Ordinal) && !(Text(Doc(property)) + RecordParameter(property)).Contains("equests", StringComparison.Ordinal) && !Text(Doc(property)).Contains("without unit", StringComparison.Ordinal)),
            "is an amount without a unit in its documentation");

    [Fact]
    public void Implementations_OfPublicInterfacesAreInternalOrDocumentedBuildersOfOurs()
    {
        // A public interface that nothing public speaks of, and no README tells to inject, would be a dead end.
        var spoken = PublicTypes.SelectMany(type => type.GetMembers(Declared)).SelectMany(Types).ToHashSet();
        var told = string.Concat(Docs.Readmes.All.Select(Repository.Read));
        Holds(
            PublicTypes.Where(type => type.IsInterface && !spoken.Contains(type) && !PublicTypes.Any(other => other.IsClass && type.IsAssignableFrom(other)) && !told.Contains(type.Name, StringComparison.Ordinal)),
            "is an interface that no public member uses and no README names");
    }

    [Fact]
    public void Files_OfTheLibraries_HoldOnePublicTypeEachThatIsNamedAsTheyAre() =>
        Assert.All(Sources(), source =>
        {
            var types = PublicType().Matches(source.Text).Select(match => match.Groups[1].Value).ToList();
            Assert.True(types.Count <= 1, $"{source.Path} holds {string.Join(", ", types)}.");
            Assert.All(types, type => Assert.Equal(Path.GetFileNameWithoutExtension(source.Path).Split('.')[0], type));
        });

    [Fact]
    public void Files_OfTheLibraries_HoldNothingUnfinished() =>
        Assert.All(Sources(), source => Assert.False(Unfinished().IsMatch(source.Text), $"{source.Path}: {Unfinished().Match(source.Text).Value}"));

    [Fact]
    public void Folders_OfTheLibraries_AreNamedAfterTheDomain() =>
        Assert.All(Sources(), source => Assert.DoesNotContain(source.Path.Split('/').SkipLast(1), folder => folder is "Models" or "Exceptions" or "Interfaces" or "Services" or "Helpers" or "Utils" or "Extensions" or "Constants"));

    [Fact]
    public void Awaits_OfTheLibraries_DoNotComeBackToTheirContext()
    {
        // An analyzer holds this in every build; this holds that nobody turned it off.
        Assert.Contains("dotnet_diagnostic.CA2007.severity = error", Repository.Read("src/.editorconfig"), StringComparison.Ordinal);
        Assert.All(Sources(), source => Assert.DoesNotContain("CA2007", source.Text, StringComparison.Ordinal));
    }

    private static List<(string Path, string Text)> Sources() =>
    [
        .. PackageFeed.Packages.SelectMany(name => Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", name), "*.cs", SearchOption.AllDirectories))
            .Select(file => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/')).Where(path => !path.Split('/').Any(folder => folder is "bin" or "obj"))
            .Select(path => (path, Repository.Read(path))),
    ];

    private static void Holds(IEnumerable<MemberInfo> offenders, string fault)
    {
        var found = offenders.Select(member => $"{(member as Type ?? member.DeclaringType)!.Name}{(member is Type ? string.Empty : "." + member.Name)} {fault}.").Order(StringComparer.Ordinal).ToList();
        Assert.True(found.Count == 0, string.Join(Environment.NewLine, found));
    }

    private static IEnumerable<MethodInfo> Methods() =>
        PublicTypes.SelectMany(type => type.GetMethods(Declared | BindingFlags.NonPublic)).Where(method => (method.IsPublic || method.IsFamily) && !method.IsSpecialName);

    private static bool IsAwaitable(Type type) =>
        type == typeof(Task) || type == typeof(ValueTask)
        || (type.IsGenericType && type.GetGenericTypeDefinition() is var open && (open == typeof(Task<>) || open == typeof(ValueTask<>) || open == typeof(IAsyncEnumerable<>)));

    // The framework chose these signatures: HttpMessageHandler.SendAsync and IAsyncDisposable.
    private static bool IsInherited(MethodInfo method) => method.GetBaseDefinition() != method || method.Name == nameof(IAsyncDisposable.DisposeAsync);

    private static bool IsFloat(Type type) => type == typeof(double) || type == typeof(float) || (type.IsGenericType && type.GetGenericArguments().Any(IsFloat));

    private static IEnumerable<Type> Types(MemberInfo member) => member switch
    {
        MethodBase method => [.. method.GetParameters().Select(parameter => parameter.ParameterType), .. method is MethodInfo { ReturnType: { } returned } ? [returned] : Array.Empty<Type>()],
        PropertyInfo property => [property.PropertyType],
        FieldInfo field => [field.FieldType],
        _ => [],
    };

    private static bool IsWrittenByHand(MemberInfo member) => member switch
    {
        MethodInfo method => !method.IsSpecialName && method.GetCustomAttribute<CompilerGeneratedAttribute>() is null
            && !(method.Name is "Deconstruct" or "ToString" or "<Clone>$" or "Equals" or "GetHashCode") && !IsInherited(method),
        ConstructorInfo constructor => constructor.GetParameters().Length > 0 && Doc(constructor) is not null,
        FieldInfo field => field.Name != "value__",
        _ => true,
    };

    private static bool IsRecordParameter(MemberInfo member) => RecordParameter(member).Length > 0;

    private static string RecordParameter(MemberInfo member) =>
        member is PropertyInfo && Doc(member.DeclaringType!)?.Elements("param").FirstOrDefault(parameter => parameter.Attribute("name")!.Value == member.Name) is { } parameter ? Text(parameter) : string.Empty;

    private static bool HasSummary(XElement doc) => Text(doc.Element("summary")).EndsWith('.');

    private static string Text(XElement? element) => element is null ? string.Empty : Blank().Replace(element.Value, " ").Trim();

    private static XElement? Doc(MemberInfo member) => Documentation.Value.GetValueOrDefault(Id(member)) ?? (member is PropertyInfo && RecordDoc(member) is { } record ? record : null);

    private static XElement? RecordDoc(MemberInfo member) =>
        Documentation.Value.GetValueOrDefault("T:" + member.DeclaringType!.FullName) is { } type && type.Elements("param").Any(parameter => parameter.Attribute("name")!.Value == member.Name) ? type : null;

    private static string Id(MemberInfo member)
    {
        var owner = (member as Type ?? member.DeclaringType)!.FullName!.Replace('+', '.');
        return member switch
        {
            Type => "T:" + owner,
            PropertyInfo property => $"P:{owner}.{property.Name}",
            FieldInfo field => $"F:{owner}.{field.Name}",
            ConstructorInfo constructor => $"M:{owner}.#ctor{Parameters(constructor)}",
            MethodInfo method => $"M:{owner}.{method.Name}{(method.IsGenericMethod ? "``" + method.GetGenericArguments().Length : string.Empty)}{Parameters(method)}",
            _ => $"E:{owner}.{member.Name}",
        };
    }

    private static string Parameters(MethodBase method) =>
        method.GetParameters() is { Length: > 0 } parameters ? $"({string.Join(',', parameters.Select(parameter => TypeId(parameter.ParameterType)))})" : string.Empty;

    private static string TypeId(Type type)
    {
        if (type.IsGenericMethodParameter)
        {
            return "``" + type.GenericParameterPosition;
        }

        if (type.IsGenericTypeParameter)
        {
            return "`" + type.GenericParameterPosition;
        }

        if (type.IsByRef)
        {
            return TypeId(type.GetElementType()!) + "@";
        }

        if (type.IsArray)
        {
            return TypeId(type.GetElementType()!) + "[]";
        }

        return !type.IsGenericType
            ? type.FullName!.Replace('+', '.')
            : $"{type.GetGenericTypeDefinition().FullName!.Split('`')[0].Replace('+', '.')}{{{string.Join(',', type.GetGenericArguments().Select(TypeId))}}}";
    }

    [GeneratedRegex(@"(Dto|Model|Info|Data|Manager|Helper|Utils|Service|Impl)$")]
    private static partial Regex EmptyEnding();

    [GeneratedRegex(@"^public (?:static |sealed |abstract |partial |readonly )*(?:class|record struct|record|struct|interface|enum) (\w+)", RegexOptions.Multiline)]
    private static partial Regex PublicType();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK)\b|#region|NotImplementedException|Thread\.Sleep")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blank();
}
