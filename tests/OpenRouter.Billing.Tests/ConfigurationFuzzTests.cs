using System.ComponentModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests;

/// <summary>Configuration that somebody mistyped: it is bound and works, or is refused in words that name no key.</summary>
public sealed class ConfigurationFuzzTests
{
    private const int Seed = 20261128;
    private const string Section = "OpenRouter";

    private static readonly string[] Settings =
    [
        .. Below(typeof(OpenRouterBillingOptions), string.Empty),
        .. Below(typeof(AppBudgetOptions), "Guard:Budgets:0:"), .. Below(typeof(RunawayLimitOptions), "Guard:RunawayLimits:0:"),
        "Guard:Budgets:x:Limit", "Guard:Brake", "Guard:Nonsense", "Nonsense", "guard:MODE", "ApiKey:0",
    ];

    private static readonly string[] Values =
    [
        "", " ", "0", "1", "-1", "0.5", "-0.01", "1e3", "1e400", "NaN", "99999999999999999999999999999999", "79228162514264337593543950335", "2147483648", "9223372036854775807", "1,5", "true", "maybe", "null",
        "00:00:00", "-00:00:01", "00:00:00.0000001", "1.00:00:00", "10675199.02:48:05.4775807", "24:00", "99999999999", "Refuse", "refuse", "17", "Day", "Month", "not a word", "\u0000", "\u202e", "https://openrouter.ai/api/v1",
        "http://127.0.0.1:1/", "http://example.com/", "ftp://x/", "//x", "https://user:word@x/?q#f", "https://[::", "\ud800", new('x', 3000),
    ];

    private static readonly string[] Keys =
    [
        TestData.ApiKey, TestData.ManagementKey, $" {TestData.ApiKey}", $"{TestData.ApiKey}\n", $"Bearer {TestData.ApiKey}", $"\"{TestData.ApiKey}\"", TestData.ApiKey[..20], $"{TestData.ApiKey}\u00e9", $"{TestData.ApiKey},{TestData.ManagementKey}",
    ];

    [Fact]
    public async Task AddOpenRouterBilling_MutatedSettings_AreBoundOrRefusedByName()
    {
        var count = FuzzCampaign.Mutations(1_500);
        var (bound, refused) = (0, 0);
        await FuzzCampaign.RunAsync(count, () =>
        {
            var random = new Random(Seed);
            for (var round = 0; round < count; round++)
            {
                var settings = Spoiled(random);
                try
                {
                    Use(settings);
                    bound++;
                }
                catch (Exception exception) when (exception is OptionsValidationException or InvalidOperationException)
                {
                    refused++;
                    var text = exception.ToString();
                    Assert.False(text.Contains("11111111", StringComparison.Ordinal) || text.Contains("22222222", StringComparison.Ordinal), text);
                    Assert.True(exception.Message.Length < 20_000, exception.Message);
                }
                catch (Exception exception)
                {
                    Assert.Fail($"Round {round}: {exception}\n{string.Join('\n', settings.Select(setting => $"{setting.Key} = {setting.Value}"))}");
                }
            }
        });

        TestContext.Current.TestOutputHelper?.WriteLine($"{count} configurations of {Settings.Length} settings: {bound} bound, {refused} refused.");
        Assert.True(bound > count / 20 && refused > count / 20, $"{bound}, {refused}");
    }

    private static void Use(Dictionary<string, string?> settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        var services = new ServiceCollection();
        services.AddOpenRouterBilling(configuration.GetSection(Section));
        using var provider = services.BuildServiceProvider();
        _ = provider.GetRequiredService<IOptions<OpenRouterBillingOptions>>().Value;
        // What passed for valid has to do.
        Assert.NotNull(provider.GetRequiredService<IOpenRouterBillingClient>());
        Assert.NotNull(provider.GetRequiredService<IBillingGuard>());
    }

    private static Dictionary<string, string?> Spoiled(Random random)
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase) { [$"{Section}:ApiKey"] = TestData.ApiKey };
        for (var edits = random.Next(1, 4); edits > 0; edits--)
        {
            var setting = random.Next(6) == 0 ? random.Next(2) == 0 ? "ApiKey" : "ManagementKey" : Settings[random.Next(Settings.Length)];
            settings[$"{Section}:{setting}"] = setting is "ApiKey" or "ManagementKey" && random.Next(4) > 0 ? Keys[random.Next(Keys.Length)] : Values[random.Next(Values.Length)];
        }

        return settings;
    }

    private static IEnumerable<string> Below(Type type, string path) =>
        from PropertyDescriptor property in TypeDescriptor.GetProperties(type)
        from setting in property.PropertyType.Namespace is "OpenRouter.Billing.Guard" && property.PropertyType.IsClass ? Below(property.PropertyType, $"{path}{property.Name}:") : [$"{path}{property.Name}"]
        select setting;
}
