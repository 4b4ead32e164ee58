using System.Net.Http.Headers;
using System.Text;

namespace OpenRouter.Billing.Tests.Guard.Soak;

/// <summary>One request of the mixed load: what it asks for, which fault meets it, and how its caller behaves.</summary>
/// <param name="Kind">What it is counted as.</param>
internal sealed record SoakAsk(string Kind)
{
    private static readonly string[] Encodings = ["gzip", "br", "identity", "identity"];

    public string Model { get; init; } = GuardedSandbox.PaidModel;

    public int MaxTokens { get; init; } = 64;

    public bool IsStreamed { get; init; }

    /// <summary>What the sandbox knows the fault by; empty for none.</summary>
    public string Fault { get; init; } = string.Empty;

    public string Encoding { get; private init; } = "identity";

    /// <summary>After how many bytes the caller leaves; null for one that reads to the end.</summary>
    public int? LeaveAfter { get; init; }

    /// <summary>After how much time the caller gives up, wherever the request is by then; null for never.</summary>
    public TimeSpan? GiveUpAfter { get; init; }

    /// <summary>Whether it goes to the server of broken bytes.</summary>
    public bool IsRaw { get; init; }

    /// <summary>Whether what it cost is told, in its answer or when it is asked for: then it is booked as billed.</summary>
    public bool IsBillKnown => GiveUpAfter is null && !IsRaw && Fault is not ("hang up" or "hang up after the bill" or "stall");

    public static SoakAsk Random(Random random)
    {
        var isStreamed = random.Next(2) == 0;
        var ask = random.Next(100) switch
        {
            < 40 => new SoakAsk("paid"),
            < 45 => new SoakAsk("free") { Model = GuardedSandbox.FreeModel },
            < 50 => new SoakAsk("too dear") { MaxTokens = 100_000_000, Model = "openai/gpt-5.2" },
            < 54 => new SoakAsk("unknown model") { Model = "nobody/knows" },
            < 66 => new SoakAsk("left") { LeaveAfter = random.Next(600) },
            < 71 => new SoakAsk("cut") { Fault = "cut" },
            < 75 => new SoakAsk("error in a 200") { Fault = "error in a 200" },
            < 79 => new SoakAsk("error in a stream") { Fault = "error in a stream" },
            < 82 => new SoakAsk("503") { Fault = "503" },
            < 86 => new SoakAsk("hung up on") { Fault = random.Next(2) == 0 ? "hang up" : "hang up after the bill" },
            < 93 => new SoakAsk("given up") { GiveUpAfter = TimeSpan.FromMilliseconds(random.Next(1, 30)), Fault = random.Next(2) == 0 ? "stall" : string.Empty },
            _ => new SoakAsk("raw bytes") { IsRaw = true },
        };
        return ask with { IsStreamed = isStreamed || ask.Fault == "error in a stream", Encoding = ask.Fault.Length == 0 ? Encodings[random.Next(Encodings.Length)] : "identity" };
    }

    public HttpRequestMessage ToRequest(Uri address, string key)
    {
        var body = $$"""{"model":"{{Model}}","max_tokens":{{MaxTokens}},"stream":{{(IsStreamed ? "true" : "false")}},"messages":[{"role":"user","content":"fault: {{Fault}}."}]}""";
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(address, "chat/completions")) { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        request.Headers.TryAddWithoutValidation("Accept-Encoding", Encoding);
        return request;
    }
}
