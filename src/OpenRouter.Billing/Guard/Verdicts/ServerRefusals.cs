namespace OpenRouter.Billing.Guard;

/// <summary>Shows refused answers to the guard, and throws those that are about money or the key.</summary>
internal sealed class ServerRefusals(IBillingGuard guard, Func<BillingGuardOptions> options, TimeProvider timeProvider)
{
    public async ValueTask<HttpResponseMessage> InspectAsync(BillableRequest asked, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (!ServerAnswer.MayBeBilling(response.StatusCode))
        {
            return response;
        }

        try
        {
            return Judge(asked, response, await ServerAnswer.PeekAsync(response, options().ReadingTimeout, timeProvider, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception exception) when (exception is not BillingGuardException)
        {
            response.Dispose();
            throw;
        }
    }

    public HttpResponseMessage Inspect(BillableRequest asked, HttpResponseMessage response, CancellationToken cancellationToken) =>
        ServerAnswer.MayBeBilling(response.StatusCode)
            ? Task.Run(() => InspectAsync(asked, response, cancellationToken).AsTask(), CancellationToken.None).GetAwaiter().GetResult()
            : response;

    private HttpResponseMessage Judge(BillableRequest asked, HttpResponseMessage response, ReadOnlyMemory<byte> body)
    {
        var verdict = guard.Learn(asked, response.StatusCode, body, FailureHeaders.CopyFrom(response));
        if (options() is not { ThrowOnServerRefusal: true, Mode: BillingGuardMode.Enforce } || verdict is null || !Refusals.IsBilling(verdict.Cause))
        {
            return response;
        }

        // It carries the key, and what prints or collects an exception prints what hangs on it.
        response.RequestMessage = null;
        throw Refusals.ToException(verdict, response);
    }
}
