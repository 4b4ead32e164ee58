using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace OpenRouter.Billing.Load;

/// <summary>Sends chats to one gateway and keeps how long each took.</summary>
internal sealed class Asker : IDisposable
{
    private static readonly byte[] Chat = """{"model":"openai/gpt-4o-mini","max_tokens":16,"messages":[{"role":"user","content":"Say hello to the newcomer."}]}"""u8.ToArray();

    private readonly HttpClient _http;
    private readonly ConcurrentQueue<double> _milliseconds = new();
    private readonly ConcurrentDictionary<string, int> _outcomes = new();
    private double[]? _sorted;
    private int _unanswered;

    public Asker(ChildProcess gateway)
    {
        _http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 512 }) { BaseAddress = new Uri(gateway.Line("Chat ").Replace("{project}", "load", StringComparison.Ordinal)), Timeout = TimeSpan.FromSeconds(30) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes("alice:" + gateway.Line("Password "))));
    }

    public int Unanswered => _unanswered;

    public async Task AskAsync()
    {
        var since = Stopwatch.GetTimestamp();
        try
        {
            using var content = new ByteArrayContent(Chat) { Headers = { ContentType = new("application/json") } };
            using var answer = await _http.PostAsync((Uri?)null, content);
            _outcomes.AddOrUpdate(((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture), 1, (_, count) => count + 1);
            _milliseconds.Enqueue(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
        }
        catch (Exception exception)
        {
            Interlocked.Increment(ref _unanswered);
            _outcomes.AddOrUpdate(exception.GetType().Name, 1, (_, count) => count + 1);
        }
    }

    public double Percentile(double percent)
    {
        _sorted ??= [.. _milliseconds.Order()];
        return _sorted.Length == 0 ? double.NaN : _sorted[(int)Math.Min(_sorted.Length - 1, _sorted.Length * percent / 100)];
    }

    public void Show(string name) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{name,-12}  p50 {Percentile(50):0.000}  p90 {Percentile(90):0.000}  p99 {Percentile(99):0.000}  max {Percentile(100):0.000} ms; {string.Join(", ", _outcomes.OrderBy(outcome => outcome.Key).Select(outcome => $"{outcome.Key}: {outcome.Value}"))}"));

    /// <summary>Starts the count anew, for what came before was to warm up.</summary>
    public void Forget()
    {
        _milliseconds.Clear();
        _outcomes.Clear();
        _unanswered = 0;
    }

    public void Dispose() => _http.Dispose();
}
