using System.IO.Compression;

namespace OpenRouter.Billing.Tests.Packages;

/// <summary>What a user gets: packages that hold what they should, and a new program that runs on them.</summary>
public sealed class PackageTests : IDisposable
{
    // A version that no cache has seen, so that the packages under test are the ones that are installed.
    private readonly string _version = $"0.0.1-test.{Guid.NewGuid():N}";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("openrouter-billing-");

    [Fact]
    public async Task Packages_InstalledIntoANewConsoleProgram_GuardItsRequests()
    {
        var feed = Path.Combine(_folder.FullName, "feed");
        foreach (var project in new[] { "OpenRouter.Billing", "OpenRouter.Billing.Sandbox" })
        {
            var packed = await Dotnet.RunAsync(Repository.Root, "pack", $"src/{project}", "-c", "Release", "-o", feed, $"-p:Version={_version}");
            Assert.True(packed.ExitCode == 0, packed.Output);
            Assert.DoesNotContain("warning", packed.Output, StringComparison.OrdinalIgnoreCase);
            CheckContent(Path.Combine(feed, $"{project}.{_version}.nupkg"), project);
        }

        var program = Path.Combine(_folder.FullName, "program");
        Directory.CreateDirectory(program);
        await WriteProgramAsync(program, feed);

        var run = await Dotnet.RunAsync(program, "run");

        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        Assert.Contains("admitted: OK", run.Output, StringComparison.Ordinal);
        Assert.Contains("refused: InsufficientCreditsException", run.Output, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static void CheckContent(string path, string project)
    {
        using var package = ZipFile.OpenRead(path);
        var files = package.Entries.Select(entry => entry.FullName).ToArray();
        foreach (var target in new[] { "net8.0", "net10.0" })
        {
            Assert.Contains($"lib/{target}/{project}.dll", files);
            Assert.Contains($"lib/{target}/{project}.xml", files);
        }

        Assert.Contains("README.md", files);
        Assert.Contains("icon.png", files);
        Assert.True(File.Exists(Path.ChangeExtension(path, ".snupkg")));
    }

    private async Task WriteProgramAsync(string program, string feed)
    {
        // Packages of others come from the cache that built this test; only ours are taken from the feed.
        var cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        await File.WriteAllTextAsync(Path.Combine(program, "Program.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <RestoreAdditionalProjectSources>{feed}</RestoreAdditionalProjectSources>
                <RestorePackagesPath>{Path.Combine(_folder.FullName, "packages")}</RestorePackagesPath>
                <RestoreFallbackFolders>{cache}</RestoreFallbackFolders>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="OpenRouter.Billing" Version="{_version}" />
                <PackageReference Include="OpenRouter.Billing.Sandbox" Version="{_version}" />
              </ItemGroup>
            </Project>
            """, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(program, "Program.cs"), """
            using System.Net.Http.Headers;
            using System.Net.Http.Json;
            using Microsoft.Extensions.DependencyInjection;
            using OpenRouter.Billing.Guard;
            using OpenRouter.Billing.Sandbox;

            await using var sandbox = await OpenRouterSandbox.StartAsync(options => options.InitialCredits = 0.055m);
            var services = new ServiceCollection();
            services.AddOpenRouterBilling(options =>
            {
                options.ApiKey = sandbox.ApiKey;
                options.ManagementKey = sandbox.ManagementKey;
                options.BaseAddress = sandbox.BaseAddress;
            });
            services.AddHttpClient("openrouter", http =>
            {
                http.BaseAddress = sandbox.BaseAddress;
                http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", sandbox.ApiKey);
            }).AddOpenRouterBillingGuard();
            await using var provider = services.BuildServiceProvider();
            var http = provider.GetRequiredService<IHttpClientFactory>().CreateClient("openrouter");
            var guard = provider.GetRequiredService<IBillingGuard>();
            var chat = new { model = "openai/gpt-4o-mini", messages = new[] { new { role = "user", content = "hello" } } };

            using var response = await http.PostAsJsonAsync("chat/completions", chat);
            Console.WriteLine($"admitted: {response.StatusCode}");
            await guard.ReserveAsync(new BillableRequest { Model = chat.model });
            try
            {
                await http.PostAsJsonAsync("chat/completions", chat);
            }
            catch (BillingGuardException refusal)
            {
                Console.WriteLine($"refused: {refusal.GetType().Name}");
            }
            """, TestContext.Current.CancellationToken);
    }
}
