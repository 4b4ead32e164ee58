namespace OpenRouter.Billing.Sandbox;

/// <summary>The faults in force. Thread-safe.</summary>
public sealed class SandboxFaults
{
    private readonly object _lock = new();
    private readonly List<Rule> _rules = [];

    internal SandboxFaults()
    {
    }

    /// <summary>Lets a fault strike the requests of one route from now on. Several faults may meet one request.</summary>
    /// <param name="route">Method and path below <c>/api/v1</c>, for example <c>POST /chat/completions</c>; <c>*</c> for every request.</param>
    /// <param name="fault">The fault.</param>
    /// <param name="times">How many requests it strikes; <see langword="null"/> (the default) for all until it is removed.</param>
    /// <param name="when">A further condition; <see langword="null"/> (the default) for none.</param>
    /// <exception cref="ArgumentException">The route is not spelled as above.</exception>
    /// <returns>The fault, so that it can be kept in the same line.</returns>
    public SandboxFault Add(string route, SandboxFault fault, int? times = null, Func<SandboxRequest, bool>? when = null)
    {
        if (route != "*" && route.Split(' ') is not [{ Length: > 0 }, ['/', ..]])
        {
            throw new ArgumentException($"'{route}' is no route: write method and path, such as 'POST /chat/completions', or '*' for every request.", nameof(route));
        }

        if (times is { } count)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(count, nameof(times));
        }

        lock (_lock)
        {
            _rules.Add(new Rule(route, fault, when) { Left = times });
        }

        return fault;
    }

    /// <summary>Ends a fault for later requests. Those that it holds or delays are still its own.</summary>
    /// <param name="fault">The fault; one that is not in force is ignored.</param>
    public void Remove(SandboxFault fault)
    {
        lock (_lock)
        {
            _rules.RemoveAll(rule => rule.Fault == fault);
        }
    }

    /// <summary>Ends all faults for later requests.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _rules.Clear();
        }
    }

    internal FaultPlan Take(SandboxRequest request)
    {
        lock (_lock)
        {
            if (_rules.Count == 0)
            {
                return FaultPlan.None;
            }

            List<SandboxFault> struck = [];
            foreach (Rule rule in _rules)
            {
                if (rule.Left != 0 && (rule.Route == "*" || rule.Route == request.Route) && rule.When?.Invoke(request) != false)
                {
                    rule.Left--;
                    rule.Fault.Hit();
                    struck.Add(rule.Fault);
                }
            }

            return new FaultPlan(struck);
        }
    }

    private sealed class Rule(string route, SandboxFault fault, Func<SandboxRequest, bool>? when)
    {
        public string Route { get; } = route;
        public SandboxFault Fault { get; } = fault;
        public Func<SandboxRequest, bool>? When { get; } = when;
        public int? Left { get; set; }
    }
}
