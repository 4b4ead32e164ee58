using System.Globalization;

namespace OpenRouter.Billing.Load;

/// <summary>The memory of a process, second by second, shown as ten figures.</summary>
internal sealed class MemoryLine(ChildProcess process)
{
    private readonly List<long> _megabytes = [];

    public void Look() => _megabytes.Add(process.WorkingSet / 1024 / 1024);

    public override string ToString() =>
        string.Join(' ', _megabytes.Where((_, index) => index % Math.Max(1, _megabytes.Count / 10) == 0).Select(size => size.ToString(CultureInfo.InvariantCulture)));
}
