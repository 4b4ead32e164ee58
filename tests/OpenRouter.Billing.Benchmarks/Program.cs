using BenchmarkDotNet.Running;
using OpenRouter.Billing.Benchmarks;

if (args is ["--turns"])
{
    await PostgresTurns.RunAsync(Console.Out);
    return 0;
}

// What is neither of these is BenchmarkDotNet's own.
var rest = new List<string>(args);
var (baseline, target) = (Take("--baseline"), Take("--write-baseline"));
var conclusion = new Conclusion(BenchmarkSwitcher.FromAssembly(typeof(Inputs).Assembly).Run([.. rest], new RatioConfig()));
conclusion.Tell(Console.Out);
if (target is not null)
{
    conclusion.Write(target);
}

return baseline is null ? 0 : conclusion.Compare(baseline, Console.Out);

string? Take(string option)
{
    var at = rest.IndexOf(option);
    if (at < 0 || at + 1 >= rest.Count)
    {
        return null;
    }

    var value = rest[at + 1];
    rest.RemoveRange(at, 2);
    return value;
}
