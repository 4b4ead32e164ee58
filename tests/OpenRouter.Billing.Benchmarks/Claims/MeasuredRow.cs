namespace OpenRouter.Billing.Benchmarks;

/// <summary>One benchmark beside the baseline of its group, in the same run.</summary>
/// <param name="Name">Category, input and method.</param>
/// <param name="Ratio">Its median time, of the baseline's.</param>
/// <param name="AllocationRatio">What it allocates, of what the baseline allocates; null where that is nothing.</param>
/// <param name="Nanoseconds">Its median time per operation.</param>
/// <param name="AddedNanoseconds">Beyond the baseline's.</param>
/// <param name="Bytes">What it allocates per operation.</param>
/// <param name="AddedBytes">Beyond the baseline's.</param>
internal sealed record MeasuredRow(string Name, double Ratio, double? AllocationRatio, double Nanoseconds, double AddedNanoseconds, double Bytes, double AddedBytes);
