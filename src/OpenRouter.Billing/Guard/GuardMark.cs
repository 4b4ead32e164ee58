namespace OpenRouter.Billing.Guard;

/// <summary>
/// Marks a request as guarded on its way through the handlers inside: the same guard twice in one chain must not count it twice.
/// Another guard guards another account.
/// </summary>
/// <param name="Guard">Who guards it.</param>
/// <param name="Outer">The mark of another guard outside; null for none.</param>
/// <param name="OwnContent">The content that the request had, where a lowered one took its place; null where none did.</param>
internal sealed record GuardMark(IBillingGuard Guard, GuardMark? Outer = null, HttpContent? OwnContent = null)
{
    private static readonly HttpRequestOptionsKey<GuardMark?> Key = new("OpenRouter.Billing.GuardedBy");

    /// <summary>Whether a request bears the mark of a guard, outermost or not.</summary>
    public static bool IsOn(HttpRequestMessage request, IBillingGuard guard)
    {
        request.Options.TryGetValue(Key, out var mark);
        for (; mark is not null; mark = mark.Outer)
        {
            if (ReferenceEquals(mark.Guard, guard))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Marks a request, and puts a lowered content into it where there is one.</summary>
    /// <returns>The mark to take off again.</returns>
    public GuardMark PutOn(HttpRequestMessage request, HttpContent? lowered)
    {
        request.Options.TryGetValue(Key, out var outer);
        var mark = outer is null && lowered is null ? this : new GuardMark(Guard, outer, lowered is null ? null : request.Content);
        request.Options.Set(Key, mark);
        if (lowered is not null)
        {
            request.Content = lowered;
        }

        return mark;
    }

    /// <summary>Leaves the request as it was: a retry handler outside sends the same message again, and that is guarded too.</summary>
    public void TakeOff(HttpRequestMessage request)
    {
        request.Options.Set(Key, Outer);
        if (OwnContent is not { } content)
        {
            return;
        }

        try
        {
            request.Content = content;
        }
        catch (ObjectDisposedException)
        {
            // Whoever disposed the message sends it no more.
        }
    }
}
