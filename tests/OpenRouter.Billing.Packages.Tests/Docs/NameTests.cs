using System.Data.Common;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Transactions;
using Microsoft.Extensions.AI;

namespace OpenRouter.Billing.Packages.Tests.Docs;

/// <summary>What the READMEs of the packages put between backticks exists: .NET names in the public surface, every other word in quotes in the code.</summary>
public sealed partial class NameTests
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Type[] TypesOfOthers = [typeof(AggregateException), typeof(DbDataSource), typeof(HttpClient), typeof(HttpRequestException), typeof(IChatClient), typeof(TimeProvider), typeof(TransactionScope)];

    private static readonly HashSet<string> WordsOfOthers =
    [
        bool.TrueString, bool.FalseString, "decimal", "localhost", "set -a", "Authorization", "provider.max_price", "OpenRouter's FAQ", "GetSection", "CreditsPage",
        "Microsoft.Extensions.AI", "OpenAI", "RetryPolicy", "ClientRetryPolicy", "ShouldHandle", "DelayGenerator", "SqliteFactory.Instance.CreateDataSource", "No Reset On Close=true",
    ];

    private static readonly HashSet<string> Packages = [.. Libraries.All.Select(library => library.GetName().Name!)];

    private static readonly ILookup<string, MemberInfo> Surface = Libraries.All.SelectMany(library => library.GetExportedTypes())
        .SelectMany(type => type.GetMembers(Declared).Prepend(type)).Concat(TypesOfOthers).ToLookup(NameOf);

    private static readonly string Code = string.Concat(((string[])["src", "samples", "tests/TestKit"])
        .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories)).Select(File.ReadAllText));

    public static TheoryData<string> Texts => [.. Readmes.OfPackages];

    [Theory]
    [MemberData(nameof(Texts))]
    public void Names_OfAReadme_Exist(string readme)
    {
        var spans = Readmes.Spans(readme).ToList();

        var unknown = spans.Select(span => (span.Line, Name: UnknownIn(span.Text))).Where(span => span.Name is not null).Select(span => $"{readme}:{span.Line}: there is no {span.Name}.").ToList();

        Assert.NotEmpty(spans);
        Assert.True(unknown.Count == 0, string.Join('\n', unknown));
    }

    [Theory]
    [InlineData("NoSuchException", "NoSuchException")]
    [InlineData("BillingGuardOptions.MinimumBalanse", "BillingGuardOptions.MinimumBalanse")]
    [InlineData("Guard.ApiKey", "Guard.ApiKey")]
    [InlineData("IBillingGuard.Reserve", "IBillingGuard.Reserve")]
    [InlineData("OpenRouter.Billing.NoSuch", "OpenRouter.Billing.NoSuch")]
    [InlineData("MaxRequestCost()", "MaxRequestCost()")]
    [InlineData("request.NoSuch(…)", "NoSuch()")]
    [InlineData("AddReload<NoSuchPage>", "NoSuchPage")]
    [InlineData("AddReload(\"Quoted\", NoSuch.Value)", "NoSuch.Value")]
    [InlineData("openrouter.billing.request", "openrouter.billing.request")]
    [InlineData("OPENROUTER_KEY", "OPENROUTER_KEY")]
    [InlineData("X-OpenRouter-Cache: maybe", "X-OpenRouter-Cache: maybe")]
    public void UnknownIn_ASpanWithAWrongName_IsThatName(string span, string name) => Assert.Equal(name, UnknownIn(span));

    [Fact]
    public void NamesOfOthers_AllOfThem_AreStillUsed()
    {
        var spans = Readmes.OfPackages.SelectMany(Readmes.Spans).Select(span => span.Text).ToList();

        Assert.All(TypesOfOthers.Select(NameOf).Concat(WordsOfOthers), name => Assert.Contains(spans, span => span.Contains(name, StringComparison.Ordinal)));
    }

    private static string? UnknownIn(string span)
    {
        if (char.IsAsciiDigit(span[0]) || span.Contains('/', StringComparison.Ordinal) || WordsOfOthers.Contains(span))
        {
            return null; // numbers; routes, paths and commands, which have tests of their own
        }

        var withoutStrings = string.Concat(span.Split('"').Where((_, index) => index % 2 == 0));
        var names = Name().Matches(withoutStrings).Select(match => string.Join('.', match.Value.Replace("(", "()", StringComparison.Ordinal).Split('.').SkipWhile(IsLocal))).Where(name => name.Length > 0).ToList();
        return names.Count > 0 ? names.FirstOrDefault(name => !Exists(name))
            : span.Split(": ").All(IsQuotedInTheCode) ? null
            : span;
    }

    private static bool IsLocal(string part) => !char.IsUpper(part[0]) || !part.Any(char.IsLower);

    private static bool Exists(string name)
    {
        var path = name.TrimEnd('(', ')').Split('.');
        var members = path.Skip(1).Aggregate(Surface[path[0]], (found, next) => found.SelectMany(MembersOf).Where(member => NameOf(member) == next));
        return WordsOfOthers.Contains(string.Join('.', path)) || Packages.Contains(name) || members.Any(member => !name.EndsWith(')') || member is MethodInfo or Type);
    }

    private static IEnumerable<MemberInfo> MembersOf(MemberInfo member)
    {
        var type = member as Type ?? (member as PropertyInfo)?.PropertyType;
        return type is null ? [] : type.GetInterfaces().Prepend(type).SelectMany(part => part.GetMembers());
    }

    private static string NameOf(MemberInfo member) => member.Name.Split('`')[0];

    // Tags stand there without what the names of all of them begin with.
    private static bool IsQuotedInTheCode(string word) =>
        Code.Contains($"\"{word}\"", StringComparison.Ordinal) || Code.Contains($"\"openrouter.billing.{word}\"", StringComparison.Ordinal);

    [GeneratedRegex(@"(?<![\w-])[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*(?![\w-])\(?")]
    private static partial Regex Name();
}
