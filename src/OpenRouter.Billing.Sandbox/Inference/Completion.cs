namespace OpenRouter.Billing.Sandbox;

/// <summary>Produces, sends and bills the answer to one admitted request.</summary>
internal sealed class Completion(Exchange exchange, OpenRouterSandboxOptions options, ResponseCache? cache, SandboxKey key, SandboxQuote quote)
{
    private readonly Answer _answer = new(quote, exchange.Now);
    private int _tokensSent;
    private bool _ended;

    public async Task RunAsync(AnswerFormat format)
    {
        try
        {
            await exchange.HoldAsync().ConfigureAwait(false);
            exchange.SetHeader("X-Generation-Id", _answer.Id);
            if (exchange.Faults.Replacement(billed: true) is { } fault)
            {
                Settle(quote.OutputTokens);
                await exchange.FailAsync(fault).ConfigureAwait(false);
            }
            else if (quote.Stream)
            {
                await StreamAsync(format).ConfigureAwait(false);
            }
            else
            {
                Settle(quote.OutputTokens);
                cache?.Keep(exchange, key, _answer.Id);
                await exchange.AnswerAsync(200, KeepAlive.Before(options.KeepAliveUnits, format.Whole(_answer))).ConfigureAwait(false);
            }
        }
        finally
        {
            SettleAbandoned();
        }
    }

    private async Task StreamAsync(AnswerFormat format)
    {
        exchange.StartStream(options.CompressStreams);
        await exchange.WriteAsync(format.Opening(_answer)).ConfigureAwait(false);
        SandboxFault? failure = exchange.Faults.StreamError;
        for (int chunks = 0; _tokensSent < quote.TextTokens && chunks != failure?.Chunks; chunks++)
        {
            if (chunks > 0 && exchange.Faults.ChunkDelay > TimeSpan.Zero)
            {
                await exchange.WaitAsync(exchange.Faults.ChunkDelay).ConfigureAwait(false);
            }

            int until = Math.Min(_tokensSent + options.TokensPerChunk, quote.TextTokens);
            await exchange.WriteAsync(format.Chunk(_answer, Answer.TextOf(_tokensSent, until))).ConfigureAwait(false);
            _tokensSent = until;
            if (exchange.Faults.Truncates && _tokensSent * 2 >= quote.TextTokens)
            {
                Settle(quote.OutputTokens);
                throw new ConnectionCutException();
            }
        }

        if (failure is not null)
        {
            // OpenRouter charges no tokens for an answer that failed.
            _ended = true;
            key.Account.Release(quote);
            await exchange.WriteAsync(format.Failure(_answer, failure.Status, failure.Text)).ConfigureAwait(false);
            await exchange.EndStreamAsync().ConfigureAwait(false);
            return;
        }

        Settle(quote.OutputTokens);
        cache?.Keep(exchange, key, _answer.Id);
        await exchange.WriteAsync(format.Closing(_answer)).ConfigureAwait(false);
        await exchange.EndStreamAsync().ConfigureAwait(false);
    }

    /// <summary>A client that left still pays: for everything, or for what a stream had sent.</summary>
    private void SettleAbandoned()
    {
        if (!_ended)
        {
            Settle(quote.Stream && !options.BillAbortedStreamsInFull ? _tokensSent : quote.OutputTokens, aborted: true);
        }
    }

    private void Settle(int outputTokens, bool aborted = false)
    {
        _ended = true;
        key.Account.Settle(new SandboxGeneration(_answer, key, quote.CachedFrom is null ? outputTokens : 0, exchange.Now, aborted));
    }
}
