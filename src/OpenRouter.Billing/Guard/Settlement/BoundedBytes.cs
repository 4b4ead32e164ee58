namespace OpenRouter.Billing.Guard;

/// <summary>Bytes that are collected up to a bound; more than that is as good as none.</summary>
internal struct BoundedBytes(int most)
{
    private byte[] _bytes = [];
    private int _length;
    private bool _isTooMuch;

    /// <summary>Gets what was collected; empty when it was too much.</summary>
    public readonly ReadOnlySpan<byte> Span => _bytes.AsSpan(0, _length);

    public void Add(ReadOnlySpan<byte> bytes)
    {
        if (_isTooMuch || bytes.Length > most - _length)
        {
            (_isTooMuch, _length, _bytes) = (true, 0, []);
            return;
        }

        if (_length + bytes.Length > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Min(most, Math.Max(2 * _bytes.Length, _length + bytes.Length)));
        }

        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
    }

    public void Clear() => (_length, _isTooMuch) = (0, false);
}
