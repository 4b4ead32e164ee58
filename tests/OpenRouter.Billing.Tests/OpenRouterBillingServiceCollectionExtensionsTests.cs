using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests;

public sealed class OpenRouterBillingServiceCollectionExtensionsTests
{
    private static readonly ServiceProviderOptions Strict = new() { ValidateScopes = true, ValidateOnBuild = true };

    [Fact]
    public async Task AddOpenRouterBilling_StrictContainer_ResolvesEverythingFromRootAndScope()
    {
        var services = new ServiceCollection();
        services.AddOpenRouterBilling(Fill);
        services.AddHttpClient("chat").AddOpenRouterBillingGuard();
        await using var provider = services.BuildServiceProvider(Strict);
        await using var scope = provider.CreateAsyncScope();
        foreach (var from in new[] { provider, scope.ServiceProvider })
        {
            Assert.IsType<OpenRouterBillingClient>(from.GetRequiredService<IOpenRouterBillingClient>());
            Assert.Same(provider.GetRequiredService<IBillingGuard>(), from.GetRequiredService<IBillingGuard>());
            Assert.Same(provider.GetRequiredService<IBillingLedger>(), from.GetRequiredService<IBillingLedger>());
            Assert.Same(from.GetRequiredService<IBillingGuard>(), from.GetRequiredKeyedService<IBillingGuard>(string.Empty));
            Assert.NotNull(from.GetRequiredService<IHttpClientFactory>().CreateClient("chat"));
        }
    }

    [Fact]
    public async Task AddOpenRouterBilling_AppRegisteredItsOwn_TheAppWins()
    {
        var clock = new ManualTimeProvider();
        var ledger = new InMemoryBillingLedger(clock);
        var client = BillingClientKit.Answering("{}");
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(clock).AddSingleton<IBillingLedger>(ledger).AddSingleton<IOpenRouterBillingClient>(client);
        services.AddOpenRouterBilling(Fill);
        await using var provider = services.BuildServiceProvider(Strict);
        Assert.Same(clock, provider.GetRequiredService<TimeProvider>());
        Assert.Same(ledger, provider.GetRequiredService<IBillingLedger>());
        Assert.Same(ledger, provider.GetRequiredKeyedService<IBillingLedger>(string.Empty));
        Assert.Same(client, provider.GetRequiredService<IOpenRouterBillingClient>());
    }

    [Fact]
    public async Task AddOpenRouterBilling_AppRegistersAfterwards_TheAppWinsUnderTheEmptyKeyToo()
    {
        var ledger = new InMemoryBillingLedger(new ManualTimeProvider());
        var services = new ServiceCollection();
        services.AddOpenRouterBilling(Fill);
        services.AddSingleton<IBillingLedger>(ledger);
        await using var provider = services.BuildServiceProvider(Strict);
        Assert.Same(ledger, provider.GetRequiredKeyedService<IBillingLedger>(string.Empty));
    }

    [Theory]
    [InlineData("")]
    [InlineData("team")]
    public async Task AddOpenRouterBilling_Twice_ChangesNothingButTheOptionsItSets(string name)
    {
        var services = new ServiceCollection();
        // A keyed service of the app's must not confuse the search for an earlier registration.
        services.AddKeyedSingleton("other", new object());
        var configured = 0;
        var first = services.AddOpenRouterBilling(name, Fill);
        first.HttpClient.ConfigurePrimaryHttpMessageHandler(() =>
        {
            configured++;
            return new StubHandler().On("GET key", TestData.KeyBody);
        });
        var kinds = Kinds(services);
        var second = services.AddOpenRouterBilling(name, options => options.MaxRetries = 7);
        Assert.Equal(kinds, Kinds(services));
        Assert.Equal((first.Name, first.HttpClient.Name), (second.Name, second.HttpClient.Name));

        await using var provider = services.BuildServiceProvider(Strict);
        var options = provider.GetRequiredService<IOptionsMonitor<OpenRouterBillingOptions>>().Get(name);
        Assert.Equal((7, TestData.ApiKey), (options.MaxRetries, options.ApiKey));
        // The second call would have put the default primary handler back, had it configured the client again.
        await provider.GetRequiredKeyedService<IOpenRouterBillingClient>(name).Keys.GetCurrentAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, configured);
    }

    [Fact]
    public async Task AddOpenRouterBilling_TwoNamesAndNone_AreThreeAccounts()
    {
        var services = new ServiceCollection();
        var seen = new Dictionary<string, StubHandler>();
        foreach (var name in new[] { string.Empty, "one", "two" })
        {
            var stub = seen[name] = new StubHandler().On("GET key", TestData.KeyBody);
            services.AddOpenRouterBilling(name, options => options.ApiKey = "sk-or-v1-" + (name.Length == 0 ? "none" : name)).HttpClient.ConfigurePrimaryHttpMessageHandler(() => stub);
        }

        await using var provider = services.BuildServiceProvider(Strict);
        foreach (var (name, stub) in seen)
        {
            await provider.GetRequiredKeyedService<IOpenRouterBillingClient>(name).Keys.GetCurrentAsync(TestContext.Current.CancellationToken);
            Assert.Equal(("GET key", "sk-or-v1-" + (name.Length == 0 ? "none" : name)), Assert.Single(stub.Requests));
        }

        Assert.NotSame(provider.GetRequiredKeyedService<IBillingGuard>("one"), provider.GetRequiredKeyedService<IBillingGuard>("two"));
        Assert.NotSame(provider.GetRequiredKeyedService<IBillingLedger>("one"), provider.GetRequiredKeyedService<IBillingLedger>("two"));
        Assert.NotSame(provider.GetRequiredService<IBillingGuard>(), provider.GetRequiredKeyedService<IBillingGuard>("one"));
        Assert.Same(provider.GetRequiredKeyedService<IBillingGuard>("one"), provider.GetRequiredKeyedService<IBillingGuard>("one"));
    }

    [Fact]
    public async Task AddOpenRouterBilling_OnlyANamedAccount_LeavesTheUnnamedOneUnregistered()
    {
        var services = new ServiceCollection();
        services.AddOpenRouterBilling("one", Fill);
        await using var provider = services.BuildServiceProvider(Strict);
        Assert.Null(provider.GetService<IOpenRouterBillingClient>());
        Assert.Null(provider.GetService<IBillingGuard>());
    }

    [Fact]
    public async Task AddOpenRouterBilling_Section_BindsEverySetting()
    {
        var services = new ServiceCollection();
        services.AddOpenRouterBilling(Section("""
            {"ApiKey":"sk-or-v1-a","ManagementKey":"sk-or-v1-b","BaseAddress":"https://eu.openrouter.ai/api/v1","AttemptTimeout":"00:00:03","TotalTimeout":"00:01:00",
             "MaxRetries":5,"RetryDelay":"00:00:00.250",
             "Guard":{"MinimumBalance":1.25,"PaidRequestClaim":"0.000001","WhenUnavailable":"Allow","RefreshAfter":"00:00:10","SettlementLag":"00:02:00","FreeRequestsPerMinute":15}}
            """));
        await using var provider = services.BuildServiceProvider(Strict);
        var options = provider.GetRequiredService<IOptions<OpenRouterBillingOptions>>().Value;
        Assert.Equal(("sk-or-v1-a", "sk-or-v1-b", "https://eu.openrouter.ai/api/v1/"), (options.ApiKey, options.ManagementKey, options.BaseAddress.AbsoluteUri));
        Assert.Equal((TimeSpan.FromSeconds(3), TimeSpan.FromMinutes(1), 5, TimeSpan.FromMilliseconds(250)), (options.AttemptTimeout, options.TotalTimeout, options.MaxRetries, options.RetryDelay));
        Assert.Equal((1.25m, 0.000001m, UnavailableBehavior.Allow, 15), (options.Guard.MinimumBalance, options.Guard.PaidRequestClaim, options.Guard.WhenUnavailable, options.Guard.FreeRequestsPerMinute));
        Assert.Equal((TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(2)), (options.Guard.RefreshAfter, options.Guard.SettlementLag));
    }

    [Fact]
    public async Task AddOpenRouterBilling_Section_ChangesEverySimpleOptionFromItsDefault()
    {
        // A setting that the binder cannot read would be left at its default without a word.
        foreach (var (owner, prefix) in new[] { (typeof(OpenRouterBillingOptions), string.Empty), (typeof(BillingGuardOptions), "Guard:") })
        {
            foreach (var property in owner.GetProperties())
            {
                var usual = property.GetValue(Activator.CreateInstance(owner));
                if (Another(property.PropertyType, usual) is not { } wanted)
                {
                    continue;
                }

                var configuration = new ConfigurationBuilder()
                    .AddInMemoryCollection([KeyValuePair.Create($"A:{prefix}{property.Name}", Convert.ToString(wanted, System.Globalization.CultureInfo.InvariantCulture))])
                    .Build();
                var services = new ServiceCollection();
                services.AddOpenRouterBilling(configuration.GetSection("A"));
                // Only the binding matters here; one setting alone need not make sound options.
                foreach (var validation in services.Where(service => service.ServiceType == typeof(IValidateOptions<OpenRouterBillingOptions>)).ToList())
                {
                    services.Remove(validation);
                }

                await using var provider = services.BuildServiceProvider(Strict);
                var options = provider.GetRequiredService<IOptions<OpenRouterBillingOptions>>().Value;
                Assert.NotEqual(usual, wanted);
                Assert.Equal(wanted, property.GetValue(prefix.Length == 0 ? options : options.Guard));
            }
        }
    }

    [Theory]
    [InlineData("""{"ApiKey":"sk-or-v1-CANARY","ApiKeys":"typo"}""", "ApiKeys")]
    [InlineData("""{"ApiKey":"sk-or-v1-CANARY","Guard":{"MinBalance":1}}""", "MinBalance")]
    [InlineData("""{"ApiKey":"sk-or-v1-CANARY","Timeout":"00:00:01"}""", "Timeout")]
    [InlineData("""{"ApiKey":"sk-or-v1-CANARY","MaxRetries":"many"}""", "MaxRetries")]
    [InlineData("""{"ApiKey":"sk-or-v1-CANARY","Guard":{"WhenUnavailable":"Sometimes"}}""", "WhenUnavailable")]
    public async Task AddOpenRouterBilling_SectionWithUnknownSetting_FailsAtStartNamingIt(string json, string setting)
    {
        var services = new ServiceCollection();
        services.AddOpenRouterBilling(Section(json));
        await using var provider = services.BuildServiceProvider(Strict);
        var exception = Assert.Throws<InvalidOperationException>(() => provider.GetRequiredService<IStartupValidator>().Validate());
        Assert.Contains(setting, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("CANARY", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddOpenRouterBilling_InvalidOptions_FailAtStartWithPropertyValueAndCure()
    {
        var services = new ServiceCollection();
        services.AddOpenRouterBilling(options => (options.ApiKey, options.MaxRetries) = ("sk-or-v1-CANARY CANARY", 12));
        services.AddOpenRouterBilling("second", options => options.BaseAddress = new Uri("http://example.org/"));
        await using var provider = services.BuildServiceProvider(Strict);
        var thrown = Assert.Throws<AggregateException>(() => provider.GetRequiredService<IStartupValidator>().Validate());
        var messages = string.Join('\n', thrown.InnerExceptions.Cast<OptionsValidationException>().Select(exception => exception.Message));
        Assert.Contains("ApiKey has white space at position 16 of 22", messages, StringComparison.Ordinal);
        Assert.Contains("MaxRetries is 12: use 0 (off) to 10.", messages, StringComparison.Ordinal);
        Assert.Contains("BaseAddress is 'http://example.org/'", messages, StringComparison.Ordinal);
        Assert.DoesNotContain("CANARY", thrown.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddOpenRouterBilling_InvalidOptionsWithoutAHost_FailWhenTheClientIsResolved()
    {
        var services = new ServiceCollection();
        services.AddOpenRouterBilling();
        await using var provider = services.BuildServiceProvider(Strict);
        var exception = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IOpenRouterBillingClient>());
        Assert.Contains("ApiKey and ManagementKey are both unset", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HttpClient_MaxRetriesZero_LeavesRepeatingToTheAppsHandler()
    {
        var stub = new StubHandler();
        var asked = 0;
        stub.On("GET key", () => ++asked < 3 ? StubHandler.Json("{}", HttpStatusCode.ServiceUnavailable) : StubHandler.Json(TestData.KeyBody));
        var services = new ServiceCollection();
        services.AddOpenRouterBilling(options =>
            {
                Fill(options);
                options.MaxRetries = 0;
            })
            .HttpClient.ConfigurePrimaryHttpMessageHandler(() => stub)
            .AddHttpMessageHandler(() => new RepeatingHandler());
        await using var provider = services.BuildServiceProvider(Strict);
        await provider.GetRequiredService<IOpenRouterBillingClient>().Keys.GetCurrentAsync(TestContext.Current.CancellationToken);
        Assert.Equal(3, stub.Count("GET key"));
    }

    [Fact]
    public async Task HttpClient_Redirect_DoesNotCarryTheKeyAway()
    {
        await using var elsewhere = new LoopbackServer("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{\"data\":{}}");
        await using var server = new LoopbackServer($"HTTP/1.1 302 Found\r\nLocation: {elsewhere.Address}key\r\nContent-Length: 0\r\n\r\n");
        var services = new ServiceCollection();
        services.AddOpenRouterBilling(options =>
        {
            Fill(options);
            options.BaseAddress = server.Address;
        });
        await using var provider = services.BuildServiceProvider(Strict);
        var exception = await Assert.ThrowsAsync<OpenRouterApiException>(() => provider.GetRequiredService<IOpenRouterBillingClient>().Keys.GetCurrentAsync(TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.Found, exception.StatusCode);
        Assert.Contains(TestData.ApiKey, Assert.Single(server.Requests), StringComparison.Ordinal);
        Assert.Empty(elsewhere.Requests);
    }

    [Theory]
    [InlineData(200, TestData.KeyBody)]
    [InlineData(401, """{"error":{"code":401,"message":"KEY is unknown"}}""")]
    [InlineData(500, "KEY")]
    public async Task Logging_AtTrace_NeverShowsAKey(int status, string body)
    {
        var log = new ListLoggerProvider();
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(log));
        services.AddOpenRouterBilling(options =>
            {
                Fill(options);
                options.MaxRetries = 1;
                options.RetryDelay = TimeSpan.FromTicks(1);
            })
            .HttpClient.ConfigurePrimaryHttpMessageHandler(() => new StubHandler().OnAny(() => StubHandler.Json(body.Replace("KEY", TestData.ApiKey + TestData.ManagementKey, StringComparison.Ordinal), (HttpStatusCode)status)));
        await using var provider = services.BuildServiceProvider(Strict);
        var client = provider.GetRequiredService<IOpenRouterBillingClient>();
        var thrown = new[]
        {
            await Record.ExceptionAsync(() => client.Keys.GetCurrentAsync(TestContext.Current.CancellationToken)),
            await Record.ExceptionAsync(() => client.Credits.GetAsync(TestContext.Current.CancellationToken)),
            await Record.ExceptionAsync(() => client.Activity.ListAsync(new ActivityQuery { UserId = "user_CANARY" }, TestContext.Current.CancellationToken)),
        };
        // The very header must have been looked at, or the test would see nothing in the wrong place.
        Assert.Contains(log.Lines, line => line.Contains("Authorization: *", StringComparison.Ordinal));
        var shown = string.Join('\n', [.. log.Lines, .. thrown.Select(exception => exception?.ToString() ?? string.Empty)]);
        Assert.DoesNotContain("sk-or-v1", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("user_CANARY", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void ToString_OfWhatHoldsKeys_ShowsNone()
    {
        var options = TestData.Options();
        object[] holders = [options, options.Guard, BillingClientKit.Over(new StubHandler()), new CredentialMissingException("GET /key", nameof(options.ApiKey))];
        Assert.All(holders, holder => Assert.DoesNotContain("sk-or-v1", holder.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public void AddOpenRouterBilling_NullArguments_AreNamed()
    {
        Assert.Equal("services", Assert.Throws<ArgumentNullException>(() => ((IServiceCollection)null!).AddOpenRouterBilling()).ParamName);
        Assert.Equal("section", Assert.Throws<ArgumentNullException>(() => new ServiceCollection().AddOpenRouterBilling((IConfigurationSection)null!)).ParamName);
        Assert.Equal("name", Assert.Throws<ArgumentNullException>(() => new ServiceCollection().AddOpenRouterBilling(null!, _ => { })).ParamName);
    }

    private static void Fill(OpenRouterBillingOptions options) => (options.ApiKey, options.ManagementKey) = (TestData.ApiKey, TestData.ManagementKey);

    // Options and their validation at start are meant to be added to by each call.
    private static string[] Kinds(IServiceCollection services) =>
        [.. services.Select(service => $"{service.ServiceType}/{service.ServiceKey}").Where(kind => !kind.Contains("IConfigureOptions", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private static object? Another(Type type, object? usual) => type switch
    {
        _ when type == typeof(string) => "sk-or-v1-x",
        _ when type == typeof(Uri) => new Uri("https://example.org/x/"),
        _ when type == typeof(TimeSpan) => (TimeSpan)usual! + TimeSpan.FromSeconds(1.5),
        _ when type == typeof(decimal) => (decimal)usual! + 0.125m,
        _ when type == typeof(int) => (int)usual! + 3,
        _ when type == typeof(bool) => !(bool)usual!,
        _ when type.IsEnum => Enum.GetValues(type).Cast<object>().First(value => !value.Equals(usual)),
        _ => null,
    };

    private static IConfigurationSection Section(string json)
    {
        using var stream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes($$"""{"OpenRouter":{{json}}}"""));
        return new ConfigurationBuilder().AddJsonStream(stream).Build().GetSection("OpenRouter");
    }

    private sealed class RepeatingHandler : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            while (true)
            {
                var response = await base.SendAsync(request, cancellationToken);
                if (response.IsSuccessStatusCode)
                {
                    return response;
                }

                response.Dispose();
            }
        }
    }

    private sealed class ListLoggerProvider : ILoggerProvider
    {
        private readonly List<string> _lines = [];

        public IReadOnlyList<string> Lines
        {
            get
            {
                lock (_lines)
                {
                    return [.. _lines];
                }
            }
        }

        public ILogger CreateLogger(string categoryName) => new ListLogger(_lines);

        public void Dispose()
        {
        }

        private sealed class ListLogger(List<string> lines) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull
            {
                Add(state.ToString());
                return null;
            }

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            {
                Add(formatter(state, exception));
                Add(exception?.ToString());
                // Structured loggers write the values too, not only the sentence.
                Add(state is IEnumerable<KeyValuePair<string, object?>> values ? string.Join('\n', values.Select(value => $"{value.Key}={value.Value}")) : null);
            }

            private void Add(string? line)
            {
                lock (lines)
                {
                    lines.Add(line ?? string.Empty);
                }
            }
        }
    }
}
