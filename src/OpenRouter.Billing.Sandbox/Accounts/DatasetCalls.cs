namespace OpenRouter.Billing.Sandbox;

/// <summary>The calls to data sets within the last day. Not thread-safe; the account's lock guards it.</summary>
internal sealed class DatasetCalls
{
    private readonly Queue<(string KeyHash, DateTimeOffset At)> _calls = new();

    /// <summary>Counts a call, unless its key has made too many in a minute or the account in a day.</summary>
    public bool TryCount(string keyHash, DateTimeOffset now, int perMinute, int perDay)
    {
        while (_calls.TryPeek(out (string KeyHash, DateTimeOffset At) oldest) && oldest.At <= now.AddDays(-1))
        {
            _calls.Dequeue();
        }

        if (_calls.Count >= perDay || _calls.Count(call => call.KeyHash == keyHash && call.At > now.AddMinutes(-1)) >= perMinute)
        {
            return false;
        }

        _calls.Enqueue((keyHash, now));
        return true;
    }
}
