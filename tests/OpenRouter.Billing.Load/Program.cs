using System.Globalization;
using OpenRouter.Billing.Load;

// Asks two gateways for the same chats in one run, one with the billing packages and one without, and shows what they add.
var rate = Number("--rate", 1000);
var seconds = Number("--seconds", 60);
var warmUp = Number("--warm-up", 15);
var restarts = args.Contains("--restart");

await using var server = await ChildProcess.StartAsync("SandboxServer", ["--port", "0", "--credits", "1000000", "--api-key", Keys.Api, "--management-key", Keys.Management], []);
var address = server.Line("OPENROUTER_BASE_URL=");
string[] environment = ["OPENROUTER_BASE_URL=" + address, "OPENROUTER_API_KEY=" + Keys.Api, "OPENROUTER_MANAGEMENT_KEY=" + Keys.Management];
await using var guarded = await ChildProcess.StartAsync("ChatGateway", ["--port", "0", "--budget", "100000"], environment);
await using var plain = await ChildProcess.StartAsync("ChatGateway", ["--port", "0", "--without-billing"], environment);
using var one = new Asker(guarded);
using var other = new Asker(plain);
Console.WriteLine($"{rate} requests a second for {seconds} s to each gateway, second by second in turn, after {warmUp} s each to warm up{(restarts ? ", the server restarted in the middle" : string.Empty)}");

// All four programs compile their code anew while it is young, which takes one of few cores for seconds at a time.
await InTurnAsync(warmUp, () => { });
one.Forget();
other.Forget();

var memory = new MemoryLine(guarded);
var restarting = restarts ? RestartAsync(server, address, TimeSpan.FromSeconds(seconds)) : Task.FromResult<ChildProcess?>(null);
await InTurnAsync(seconds, memory.Look);
await using var again = await restarting;

one.Show("with billing");
other.Show("without");
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"added: p50 {one.Percentile(50) - other.Percentile(50):0.000} ms, p99 {one.Percentile(99) - other.Percentile(99):0.000} ms"));
Console.WriteLine("memory of the gateway with billing, MB: " + memory);
return one.Unanswered + other.Unanswered == 0 ? 0 : 1;

Task InTurnAsync(int each, Action everySecond) => Pace.RunAsync(rate, TimeSpan.FromSeconds(2 * each), turn => (turn / rate % 2 == 0 ? one : other).AskAsync(), everySecond);

int Number(string name, int usual) => Array.IndexOf(args, name) is >= 0 and var at ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : usual;

static async Task<ChildProcess?> RestartAsync(ChildProcess server, string address, TimeSpan after)
{
    await Task.Delay(after);
    await server.DisposeAsync();
    await Task.Delay(TimeSpan.FromSeconds(2));
    return await ChildProcess.StartAsync("SandboxServer", ["--port", new Uri(address).Port.ToString(CultureInfo.InvariantCulture), "--credits", "1000000", "--api-key", Keys.Api, "--management-key", Keys.Management], []);
}
