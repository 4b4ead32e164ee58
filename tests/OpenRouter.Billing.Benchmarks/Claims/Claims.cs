namespace OpenRouter.Billing.Benchmarks;

/// <summary>Everything that the library claims of its speed. The first figure in each line is a target that was set before anything was measured.</summary>
internal static class Claims
{
    private const double AtFullRate = 1 / 0.95;

    public static IReadOnlyList<Claim> All { get; } =
    [
        new("A 4 KB chat is admitted, beyond the call", "Admission Guard", AddedTime, 3_000, " ns"),
        new("and allocates, beyond the call", "Admission Guard", AddedBytes, 1_024, " bytes"),
        new("of the time of document, lock and dictionary", "Admission Guard", Time, 1) { Against = "Admission DocumentLockAndDictionary" },
        new("of the time of asking for the balance before each call", "Admission Guard", Time, 1) { Against = "Admission BalanceBeforeEachCall" },
        new("`EvaluateAsync` refuses, beyond the reading", "Refusal EvaluateAsync", Time, 1_000, " ns"),
        new("A refusal through a client, of one by document, lock and dictionary", "Refusal Handler", Time, 1) { Against = "Refusal DocumentLockAndDictionary" },
        new("100 KB of short messages are read, of a bare pass", "Reading 100 KB Reader", Ratio, 1 / 0.7),
        new("1 MB of short messages", "Reading 1 MB Reader", Ratio, 1 / 0.7),
        new("100 KB of Chinese", "Reading 100 KB Chinese Reader", Ratio, 1 / 0.7),
        new("1 MB in one message, of a document", "Reading 1 MB in one Reader", Time, 1) { Against = "Reading 1 MB in one Document" },
        new("Three claims are taken and settled", "Ledger Ledger", Time, 500, " ns"),
        new("from 64 threads, of the time from one", "LedgerContention 64 Ledger", Time, 2) { Against = "LedgerContention 1 Ledger" },
        new("10 MB of JSON over loopback, of the unguarded time", "Settlement JSON loopback Guard", Ratio, AtFullRate),
        new("10 MB of events over loopback, of the unguarded time", "Settlement SSE loopback Guard", Ratio, AtFullRate),
        new("10 MB of events, of a document for each", "Settlement SSE memory Guard", Time, 1) { Against = "Settlement SSE memory Document" },
        new("A thousand callers without a figure, each, of a semaphore", "Stampede cold Reading", Time, 1) { Against = "Stampede cold SemaphoreAndField" },
        new("A thousand callers with an old one, each, of a semaphore", "Stampede stale Reading", Time, 1) { Against = "Stampede stale SemaphoreAndField" },
        new("20,000 rows of activity, of a bare deserialisation", "Activity Reader", Ratio, 1),
        new("in memory", "Activity Reader", AllocationRatio, 0.7),
        new("through the client", "Activity ListAsync", Ratio, 1),
        new("350 models, of a bare deserialisation", "Models Reader", Ratio, 1.5),
        new("The balance over loopback, memory of the bare call", "Credits loopback GetAsync", AllocationRatio, 1.3),
        new("A 402 is classified", "Verdicts 402 too dear Classifier", Time, 20_000, " ns"),
        new("A sandbox request, of a stub that always gives the same answer", "Sandbox Sandbox", Time, 1.5) { Against = "Sandbox StubOfOneAnswer" },
        new("A request after 10,000,000, of the first", "Growth History 10000000 Ledger", Ratio, 1.5),
        new("A request with one of 100,000 keys, of one with the only key", "Growth Keys 100000 Ledger", Ratio, 5),
        new("A claim among 100, of a request with one", "Growth Limits HundredClaims", Ratio, 1),
        new("The guard with 1,000 keys, of one", "Growth Guard ThousandKeys", Ratio, 2),
        new("PostgreSQL admits a chat, of one bare statement", "Sql PostgreSql AcquireThreeClaims", Ratio, 1.5),
        new("over a data source of its own, which resets no sessions", "Sql PostgreSql AcquireThreeClaimsOnOwnDataSource", Ratio, 1.5),
        new("SQLite admits and settles a chat, of two bare transactions", "Sql Sqlite AcquireAndSettle", Ratio, 2),
        new("A chat from an allowance, of a ledger in memory", "Fleet WithAllowances", Ratio, 2),
    ];

    private static double? Time(MeasuredRow row) => row.Nanoseconds;

    private static double? AddedTime(MeasuredRow row) => row.AddedNanoseconds;

    private static double? AddedBytes(MeasuredRow row) => row.AddedBytes;

    private static double? Ratio(MeasuredRow row) => row.Ratio;

    private static double? AllocationRatio(MeasuredRow row) => row.AllocationRatio;
}
