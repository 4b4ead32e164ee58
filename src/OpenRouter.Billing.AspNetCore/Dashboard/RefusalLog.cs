using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.AspNetCore;

/// <summary>The latest refusals, in bounded memory. Safe for concurrent use.</summary>
internal sealed class RefusalLog(TimeProvider timeProvider) : IBillingRefusalObserver
{
    private const int MaxNotes = 50;

    private readonly object _gate = new();
    private readonly LinkedList<RefusalReport> _notes = new();

    public void Refused(BillingRefusal refusal)
    {
        var verdict = refusal.Verdict;
        var note = new RefusalReport
        {
            At = timeProvider.GetUtcNow(),
            Cause = verdict.Cause.ToString(),
            SaidBy = verdict.Origin == BillingVerdictOrigin.Predicted ? "guard" : "OpenRouter",
            // The words of the exception: names are shortened, and neither keys nor prompts are in them.
            Explanation = verdict.ToException().Message,
            Project = ShownText.Of(refusal.Scope.Project),
            Member = ShownText.Of(refusal.Scope.Member),
            OpensAt = verdict.OpensAt,
            WentOutAnyway = refusal.IsObserved,
        };
        lock (_gate)
        {
            // A loop that is refused a thousand times a second is one line, not all of them.
            if (_notes.First is { Value: { } last } && last.IsLike(note))
            {
                _notes.First.Value = note with { Times = last.Times + 1 };
                return;
            }

            _notes.AddFirst(note);
            if (_notes.Count > MaxNotes)
            {
                _notes.RemoveLast();
            }
        }
    }

    /// <summary>Gets the refusals, the latest first.</summary>
    public IReadOnlyList<RefusalReport> Latest()
    {
        lock (_gate)
        {
            return [.. _notes];
        }
    }
}
