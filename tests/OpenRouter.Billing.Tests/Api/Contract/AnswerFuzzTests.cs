using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using OpenRouter.Billing.Tests.Guard.Settlement;

namespace OpenRouter.Billing.Tests.Api.Contract;

/// <summary>Answers to every operation that somebody spoiled, member by member and then byte by byte: they are read or refused, and nothing else.</summary>
public sealed class AnswerFuzzTests
{
    private const int Seed = 20261128;
    private const int ValuesOfEach = 12;

    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(366);

    private static readonly HttpStatusCode[] Failures =
    [
        HttpStatusCode.NoContent, HttpStatusCode.Redirect, HttpStatusCode.BadRequest, HttpStatusCode.Unauthorized, HttpStatusCode.PaymentRequired, HttpStatusCode.Forbidden, HttpStatusCode.NotFound,
        HttpStatusCode.Conflict, HttpStatusCode.TooManyRequests, HttpStatusCode.InternalServerError, HttpStatusCode.ServiceUnavailable, (HttpStatusCode)529, (HttpStatusCode)999,
    ];

    // What a member may hold instead of what it should.
    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "-0", "-1", "1.5", "1e3", "1e400", "1e-400", "99999999999999999999", "79228162514264337593543950336", "-79228162514264337593543950335", "\"\"", "\" \"", "\"NaN\"", "\"1e3\"",
        "\"0x10\"", "\"-5\"", "\"2026-13-99\"", "\"0000-00-00\"", "\"9999-12-31T23:59:59-14:00\"", "\"0001-01-01T00:00:00+14:00\"", "\"9999-12-31\"", "\"monthly\"", "\"\\u0000\\u202e\"", "[]", "{}", "[null]", "[[]]",
        "[{}]", "{\"data\":{}}", "{\"error\":{}}", "{\"code\":402,\"message\":\"m\"}",
        $"\"{TestData.ApiKey}\"", $"\"{TestData.ManagementKey[20..]}\"", $"\"a {TestData.ApiKey} b {TestData.ManagementKey} c\"", $"[\"{TestData.ManagementKey}\"]",
        string.Concat(Enumerable.Repeat("[", 60)) + string.Concat(Enumerable.Repeat("]", 60)), $"\"{new string('x', 5_000)}\"",
    ];

    private static readonly string[] Hints =
    [
        "0", "5", "-5", "1.5", "1e3", "2147483647", "9999999999", "99999999999999999999", "", "soon", "5, 5", "Wed, 22 Apr 2026 10:30:30 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT",
        "2026-04-22T10:30:30Z", "1776902400000", "gen-1", TestData.ApiKey, TestData.ManagementKey,
    ];

    private static readonly string[] Names = ["Retry-After", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "X-Generation-Id"];

    [Fact]
    public async Task Call_MutatedAnswers_AreReadOrRefusedAndNothingElse()
    {
        var random = new Random(Seed);
        var operations = Operations.All.Keys.Order(StringComparer.Ordinal).Select(operation => (Name: operation, Answers: AnswersTo(operation, random))).ToArray();
        var count = FuzzCampaign.Mutations(10_000);
        var (read, refused) = (0, 0);
        using var server = new Server();
        var client = BillingClientKit.Over(server);
        await FuzzCampaign.RunAsync(count, () =>
        {
            for (var round = 0; round < count; round++)
            {
                var (operation, answers) = operations[round % operations.Length];
                server.Body = Spoil(answers[random.Next(answers.Length)], random);
                server.Status = random.Next(4) == 0 ? Failures[random.Next(Failures.Length)] : HttpStatusCode.OK;
                server.Headers = [.. Names.Where(_ => random.Next(4) == 0).Select(name => (name, Hints[random.Next(Hints.Length)]))];
                try
                {
                    var calls = Operations.All[operation];
                    calls[random.Next(calls.Length)](client).GetAwaiter().GetResult();
                    read++;
                }
                catch (OpenRouterBillingException exception)
                {
                    refused++;
                    Check(exception, server.Key[^8..], $"Round {round}, {operation}");
                }
                catch (Exception exception)
                {
                    Assert.Fail($"Round {round}, {operation}, {server.Status}: {exception}\n{Encoding.UTF8.GetString(server.Body)}");
                }
            }
        });

        TestContext.Current.TestOutputHelper?.WriteLine($"{count} answers to {operations.Length} operations: {read} read, {refused} refused.");
        Assert.InRange(read, count / 10, count - (count / 10));
    }

    private static void Check(OpenRouterBillingException exception, string partOfTheKey, string where)
    {
        Assert.True(exception.Message.Length is > 0 and < 1000, $"{where}: {exception.Message}");
        var texts = new List<string?> { exception.ToString() };
        if (exception is OpenRouterApiException refusal)
        {
            texts.AddRange([refusal.ErrorCode, refusal.ErrorType, refusal.LimitSource, refusal.ServerMessage, refusal.GenerationId]);
            Assert.True(refusal.RetryAfter is null || (refusal.RetryAfter >= TimeSpan.Zero && refusal.RetryAfter <= LongestWait), $"{where}: {refusal.RetryAfter}");
        }

        foreach (var text in texts.OfType<string>())
        {
            Assert.False(text.Contains(partOfTheKey, StringComparison.Ordinal) || text.Contains("sk-or-", StringComparison.Ordinal), $"{where}: {text}");
        }
    }

    private static string[] AnswersTo(string operation, Random random)
    {
        var (document, name) = ContractTests.Find(operation);
        var (_, schema, example) = document.Answer(name);
        return [.. Enumerable.Range(0, ValuesOfEach).Select(_ => document.Generate(schema, random)!).Append(example!).Select(answer => answer.ToJsonString())];
    }

    private static byte[] Spoil(string answer, Random random)
    {
        var root = JsonNode.Parse(answer)!;
        for (var edits = random.Next(1, 4); edits > 0; edits--)
        {
            Spoil(root, random);
        }

        var body = Encoding.UTF8.GetBytes(root.ToJsonString());
        return random.Next(6) == 0 ? AnswerScannerTests.Mutate(body, random) : body;
    }

    private static void Spoil(JsonNode root, Random random)
    {
        var holders = Below(root).Where(node => node is JsonObject { Count: > 0 } or JsonArray { Count: > 0 }).ToList();
        if (holders.Count == 0)
        {
            return;
        }

        var holder = holders[random.Next(holders.Count)];
        if (holder is JsonArray items)
        {
            var item = items[random.Next(items.Count)];
            switch (random.Next(3))
            {
                case 0:
                    // As many as a page holds, so that there has to be a next one.
                    for (var copies = random.Next(2) == 0 ? 1 : 99; copies > 0; copies--)
                    {
                        items.Add(item?.DeepClone());
                    }

                    break;
                case 1:
                    items.Insert(random.Next(items.Count + 1), Value(random));
                    break;
                default:
                    items[random.Next(items.Count)] = Value(random);
                    break;
            }

            return;
        }

        var members = holder.AsObject();
        var (name, value) = members.ElementAt(random.Next(members.Count));
        if (random.Next(4) == 0)
        {
            members.Remove(name);
        }
        else if (random.Next(8) == 0)
        {
            members[name.ToUpperInvariant()] = value?.DeepClone();
            members["error"] = Value(random);
        }
        else
        {
            members[name] = Value(random);
        }
    }

    private static JsonNode? Value(Random random) => JsonNode.Parse(Values[random.Next(Values.Length)]);

    private static IEnumerable<JsonNode> Below(JsonNode node)
    {
        IEnumerable<JsonNode?> inner = node switch { JsonObject members => members.Select(member => member.Value), JsonArray items => items, _ => [] };
        return inner.OfType<JsonNode>().SelectMany(Below).Prepend(node);
    }

    private sealed class Server : HttpMessageHandler
    {
        public byte[] Body { get; set; } = [];

        public HttpStatusCode Status { get; set; }

        /// <summary>The key that was sent last.</summary>
        public string Key { get; private set; } = string.Empty;

        public IReadOnlyList<(string Name, string Value)> Headers { get; set; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Key = request.Headers.Authorization!.Parameter!;
            var response = new HttpResponseMessage(Status) { Content = new ByteArrayContent(Body) };
            foreach (var (name, value) in Headers)
            {
                response.Headers.TryAddWithoutValidation(name, value);
            }

            return Task.FromResult(response);
        }
    }
}
