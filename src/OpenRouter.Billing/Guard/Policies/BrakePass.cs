namespace OpenRouter.Billing.Guard;

/// <summary>One request on its way past the brake, however often it is weighed: it is counted once, and takes one probe at most.</summary>
internal sealed class BrakePass
{
    private RunawayBrake? _brake;
    private SpenderIdentity _spender;
    private RunawayBrakeOptions? _options;

    /// <summary>Gets whether it is counted.</summary>
    public bool IsCounted { get; private set; }

    /// <summary>Gets or sets how often the same request came, when this one was counted.</summary>
    public long Repeats { get; set; }

    /// <summary>Gets or sets which trip's probe it holds; 0 for none.</summary>
    public long Probe { get; set; }

    /// <summary>Gets or sets how long the request is to wait before it goes out.</summary>
    public TimeSpan Pause { get; set; }

    public void Enter(RunawayBrake brake, in SpenderIdentity spender, RunawayBrakeOptions options)
    {
        (_brake, _spender, _options) = (brake, spender, options);
        IsCounted = true;
    }

    /// <summary>Takes in what the request cost.</summary>
    public void Spent(decimal cost)
    {
        if (_options is { MaxCost: not null } options)
        {
            _brake!.Spent(_spender, options, cost);
        }
    }

    /// <summary>Takes in that the request does not go out.</summary>
    public void GiveBack() => _brake?.GiveBack(_spender, this);
}
