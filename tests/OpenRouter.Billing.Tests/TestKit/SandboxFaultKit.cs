using OpenRouter.Billing.Sandbox;

namespace OpenRouter.Billing.Tests.TestKit;

/// <summary>Everything that can go wrong with one write.</summary>
public static class SandboxFaultKit
{
    private static readonly int[] Statuses = [400, 401, 402, 403, 404, 408, 409, 410, 413, 422, 429, 500, 502, 503, 504, 524, 529];

    /// <summary>Each status without and with the change made, the connection cut before and after, half an answer, an error in a 200.</summary>
    public static IReadOnlyDictionary<string, Func<SandboxFault>> OfWrites { get; } = Statuses
        .Select(status => ($"{status}", (Func<SandboxFault>)(() => Status(status, false))))
        // A server that refuses with 4xx has done nothing; one that breaks down may have done all.
        .Concat(Statuses.Where(status => status is 408 or >= 500).Select(status => ($"{status} after", (Func<SandboxFault>)(() => Status(status, true)))))
        .Concat(
        [
            ("cut before", () => SandboxFault.Disconnect()),
            ("cut after", () => SandboxFault.Disconnect(billed: true)),
            ("half an answer", SandboxFault.Truncate),
            ("error in a 200", () => SandboxFault.ErrorInBody(502, "Provider returned error")),
            ("web page after", () => SandboxFault.Answer(200, "<html>", "text/html", billed: true)),
        ])
        .ToDictionary(fault => fault.Item1, fault => fault.Item2);

    private static SandboxFault Status(int status, bool billed) =>
        SandboxFault.Answer(status, $$$"""{"error":{"code":{{{status}}},"message":"as told"}}""", billed: billed);
}
