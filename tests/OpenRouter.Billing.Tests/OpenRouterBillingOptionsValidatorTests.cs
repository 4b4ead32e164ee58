using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests;

public sealed class OpenRouterBillingOptionsValidatorTests
{
    private const string Canary = "CANARYcanary0123456789";

    public static TheoryData<Action<OpenRouterBillingOptions>, string, string> Faults => new()
    {
        { options => options.ApiKey = options.ManagementKey = null, "ApiKey and ManagementKey are both unset", "set ApiKey" },
        { options => options.ApiKey = "", "ApiKey is blank", "leave it unset" },
        { options => options.ManagementKey = " \t", "ManagementKey is blank", "leave it unset" },
        { options => options.ApiKey = "Bearer sk-or-v1-" + Canary, "ApiKey begins with 'Bearer '", "give the key alone" },
        { options => options.ApiKey = "sk-or-v1-" + Canary + "\n", "ApiKey has white space at position 32 of 32", "copy the key again" },
        { options => options.ApiKey = "\"sk-or-v1-" + Canary + "\"", "ApiKey has a character that no key has at position 1", "without quotes" },
        { options => options.ApiKey = "sk-or-v1-" + Canary + "\u0000é", "ApiKey has a character that no key has", "copy the key again" },
        { options => options.ManagementKey = "sk-" + Canary, "ManagementKey is 25 characters long and does not begin with 'sk-or-'", "no OpenRouter key" },
        { options => options.BaseAddress = null!, "BaseAddress is ''", "use one such as https://openrouter.ai/api/v1/" },
        { options => options.BaseAddress = new Uri("api/v1", UriKind.Relative), "BaseAddress is 'api/v1'", "use one such as https://openrouter.ai/api/v1/" },
        { options => options.BaseAddress = new Uri("sk-or-v1-" + Canary, UriKind.Relative), "BaseAddress is '(removed)'", "use one such as https://openrouter.ai/api/v1/" },
        { options => options.BaseAddress = new Uri("http://openrouter.ai/api/v1/"), "BaseAddress is 'http://openrouter.ai/api/v1/'", "use https, or http on a loopback address only" },
        { options => options.BaseAddress = new Uri("http://localhost.evil.example/"), "BaseAddress is 'http://localhost.evil.example/'", "use https" },
        { options => options.BaseAddress = new Uri("http://10.0.0.1/"), "BaseAddress is 'http://10.0.0.1/'", "use https" },
        { options => options.BaseAddress = new Uri("ftp://localhost/"), "BaseAddress is 'ftp://localhost/', whose scheme is 'ftp'", "begin it with https" },
        { options => options.BaseAddress = new Uri("file:///etc/passwd"), "BaseAddress is 'file:///etc/passwd/', whose scheme is 'file'", "begin it with https" },
        { options => options.BaseAddress = new Uri($"https://me:{Canary}@openrouter.ai/api/v1/"), "BaseAddress 'https://openrouter.ai/api/v1/'", "leave only scheme, host, port and path" },
        { options => options.BaseAddress = new Uri($"https://openrouter.ai/api/v1/?key={Canary}"), "BaseAddress 'https://openrouter.ai/api/v1/'", "leave only" },
        { options => options.BaseAddress = new Uri($"https://openrouter.ai/api/v1/#{Canary}"), "BaseAddress 'https://openrouter.ai/api/v1/'", "leave only" },
        { options => options.AttemptTimeout = TimeSpan.Zero, "AttemptTimeout is 00:00:00", "use a positive time" },
        { options => options.AttemptTimeout = Timeout.InfiniteTimeSpan, "AttemptTimeout is -00:00:00.0010000", "use a positive time" },
        { options => options.TotalTimeout = TimeSpan.FromSeconds(-1), "TotalTimeout is -00:00:01", "use a positive time" },
        { options => options.TotalTimeout = TimeSpan.MaxValue, "TotalTimeout is 10675199", "at most 40 days" },
        { options => options.RetryDelay = TimeSpan.Zero, "RetryDelay is 00:00:00", "use a positive time" },
        { options => options.TotalTimeout = TimeSpan.FromSeconds(5), "TotalTimeout is 00:00:05, shorter than AttemptTimeout (00:00:10)", "make it at least as long" },
        { options => options.MaxRetries = -1, "MaxRetries is -1", "use 0 (off) to 10" },
        { options => options.MaxRetries = 11, "MaxRetries is 11", "use 0 (off) to 10" },
        { options => options.Guard = null!, "Guard is null", "leave it at its default" },
        { options => options.Guard.MinimumBalance = -0.5m, "Guard.MinimumBalance is -0.5 USD", "use 0 or more" },
        { options => (options.Guard.MinimumBalance, options.Guard.PaysByInvoice) = (1, true), "Guard.MinimumBalance is 1 USD, and Guard.PaysByInvoice", "use one of the two" },
        { options => options.Guard.LeastSettlementLag = TimeSpan.FromSeconds(-1), "Guard.LeastSettlementLag is -00:00:01", "use" },
        { options => options.Guard.PaidRequestClaim = 0, "Guard.PaidRequestClaim is 0 USD", "use a positive amount" },
        { options => options.Guard.WhenUnavailable = (UnavailableBehavior)7, "Guard.WhenUnavailable is 7", "use Refuse or Allow" },
        { options => options.Guard.ReadingTimeout = TimeSpan.Zero, "Guard.ReadingTimeout is 00:00:00", "use a positive time" },
        { options => options.Guard.Mode = (BillingGuardMode)9, "Guard.Mode is 9", "use Enforce, Observe or Off" },
        { options => options.Guard.FreeMinuteWait = TimeSpan.FromSeconds(-1), "Guard.FreeMinuteWait is -00:00:01", "use zero or a positive time" },
        { options => options.Guard.MaxRequestCost = 0, "Guard.MaxRequestCost is 0 USD", "leave it unset" },
        { options => options.Guard.Budgets.Add(null!), "Guard.Budgets[0] is null", "take it out" },
        { options => options.Guard.Budgets.Add(new() { Limit = -1 }), "Guard.Budgets[0].Limit is -1 USD", "use 0 or more" },
        { options => options.Guard.Budgets.Add(new() { Per = (Spender)9 }), "Guard.Budgets[0].Per is 9", "use one of App, Account, Key, Project" },
        { options => options.Guard.Budgets.Add(new() { Window = (BudgetWindow)9 }), "Guard.Budgets[0].Window is 9", "use one of Daily, Weekly" },
        { options => options.Guard.Budgets.Add(new() { Per = Spender.Key, Name = "x" }), "Guard.Budgets[0].Name is 'x' and Per is Key", "leave the name unset" },
        { options => options.Guard.Budgets.Add(new() { Per = Spender.Project, Name = "" }), "Guard.Budgets[0].Name is ''", "name a project, member or workspace" },
        { options => { options.Guard.Budgets.Add(new()); options.Guard.Budgets.Add(new()); }, "Guard.Budgets has 2 Daily budgets per App without a name", "leave one" },
        { options => options.Guard.Brake.Action = BrakeAction.Trip, "Guard.Brake.Action is Trip, and nothing is to be looked for", "set Guard.Brake.MaxRepeats, MaxCost or both" },
        { options => options.Guard.Brake.Action = (BrakeAction)9, "Guard.Brake.Action is 9", "use one of None, Alert" },
        { options => options.Guard.Brake.Per = (Spender)9, "Guard.Brake.Per is 9", "use one of App, Account" },
        { options => options.Guard.Brake.Window = TimeSpan.Zero, "Guard.Brake.Window is 00:00:00", "use a positive time" },
        { options => options.Guard.Brake.BreakDuration = TimeSpan.Zero, "Guard.Brake.BreakDuration is 00:00:00", "use a positive time" },
        { options => options.Guard.Brake.Delay = TimeSpan.FromSeconds(61), "Guard.Brake.Delay is 00:01:01", "use at most 00:01:00" },
        { options => options.Guard.Brake.MaxRepeats = 0, "Guard.Brake.MaxRepeats is 0", "use 1 to 1000000" },
        { options => options.Guard.Brake.MaxCost = 0, "Guard.Brake.MaxCost is 0 USD", "use a positive amount" },
        { options => options.Guard.Brake.Probes = 0, "Guard.Brake.Probes is 0", "use a positive number" },
        { options => options.Guard.RunawayLimits.Add(null!), "Guard.RunawayLimits[0] is null", "take it out" },
        { options => options.Guard.RunawayLimits.Add(new()), "Guard.RunawayLimits[0] limits nothing", "set MaxCost, MaxRequests or both" },
        { options => options.Guard.RunawayLimits.Add(new() { MaxCost = 0 }), "Guard.RunawayLimits[0].MaxCost is 0 USD", "use a positive amount" },
        { options => options.Guard.RunawayLimits.Add(new() { MaxRequests = -1 }), "Guard.RunawayLimits[0].MaxRequests is -1", "use a positive number" },
        { options => options.Guard.RunawayLimits.Add(new() { MaxRequests = 1, Window = TimeSpan.Zero }), "Guard.RunawayLimits[0].Window is 00:00:00", "use a positive time" },
        { options => { options.Guard.RunawayLimits.Add(new() { MaxRequests = 1 }); options.Guard.RunawayLimits.Add(new() { MaxRequests = 9 }); }, "Guard.RunawayLimits has 2 limits of MaxRequests per App in 00:01:00", "leave one" },
        { options => { options.Guard.RunawayLimits.Add(new() { MaxCost = 1 }); options.Guard.RunawayLimits.Add(new() { MaxCost = 1 }); }, "Guard.RunawayLimits has 2 limits of MaxCost per App in 00:01:00", "leave one" },
    };

    [Theory]
    [MemberData(nameof(Faults), DisableDiscoveryEnumeration = true)]
    public void Validate_Fault_NamesOptionValueAndCureButNoKey(Action<OpenRouterBillingOptions> spoil, string found, string cure)
    {
        var result = new OpenRouterBillingOptionsValidator().Validate(null, TestData.Options(spoil));
        Assert.True(result.Failed);
        Assert.Contains(found, result.FailureMessage, StringComparison.Ordinal);
        Assert.Contains(cure, result.FailureMessage, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, result.FailureMessage, StringComparison.Ordinal);
        Assert.DoesNotContain(TestData.ApiKey, result.FailureMessage, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Faults), DisableDiscoveryEnumeration = true)]
    public void OpenRouterBillingClient_FaultyOptionsByHand_ThrowsWithTheSameWords(Action<OpenRouterBillingOptions> spoil, string found, string cure)
    {
        var exception = Assert.Throws<ArgumentException>(() => BillingClientKit.Over(new StubHandler(), spoil));
        Assert.Contains(found, exception.Message, StringComparison.Ordinal);
        Assert.Contains(cure, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, exception.ToString(), StringComparison.Ordinal);
    }

    public static TheoryData<Action<OpenRouterBillingOptions>> Sound => new(new Action<OpenRouterBillingOptions>[]
    {
        _ => { },
        options => options.ApiKey = null,
        options => options.ManagementKey = null,
        options => options.ApiKey = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln-_x",
        options => options.ApiKey = "sk-or-v2-short",
        options => options.BaseAddress = new Uri("https://eu.openrouter.ai/api/v1"),
        options => options.BaseAddress = new Uri("http://localhost:5000/"),
        options => options.BaseAddress = new Uri("http://127.0.0.1:5000/api/v1"),
        options => options.BaseAddress = new Uri("http://[::1]:5000/"),
        options => options.TotalTimeout = options.AttemptTimeout,
        options => options.MaxRetries = 0,
        options => options.MaxRetries = 10,
        options => options.TotalTimeout = TimeSpan.FromDays(40),
        options => options.Guard.MinimumBalance = 0,
        options => options.Guard.PaysByInvoice = true,
        options => options.Guard.LeastSettlementLag = TimeSpan.FromHours(1),
    });

    [Theory]
    [MemberData(nameof(Sound), DisableDiscoveryEnumeration = true)]
    public void Validate_SoundOptions_Succeeds(Action<OpenRouterBillingOptions> configure)
    {
        Assert.True(new OpenRouterBillingOptionsValidator().Validate(null, TestData.Options(configure)).Succeeded);
        Assert.NotNull(BillingClientKit.Over(new StubHandler(), configure));
    }

    [Fact]
    public void Validate_SeveralFaults_NamesThemAll()
    {
        var result = new OpenRouterBillingOptionsValidator().Validate(null, TestData.Options(options =>
        {
            options.ApiKey = " ";
            options.MaxRetries = 99;
            options.RetryDelay = TimeSpan.Zero;
        }));
        Assert.Equal(3, result.Failures!.Count());
    }
}
