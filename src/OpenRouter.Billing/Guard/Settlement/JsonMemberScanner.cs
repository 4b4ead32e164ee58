using System.Buffers;

namespace OpenRouter.Billing.Guard;

/// <summary>Finds a few members of a JSON object as its bytes stream by, and keeps a copy of those only.</summary>
/// <remarks>
/// Members are looked for at the top, and inside <c>response</c> and <c>message</c>, where the other skins wrap them. It
/// decides nothing about the JSON being right: on broken input it finds nothing or too much, and whoever parses what was
/// found says so. Time is linear and memory bounded, whatever the input.
/// </remarks>
internal sealed class JsonMemberScanner
{
    private const int MaxKey = 16;
    private const int MaxUsage = 64 * 1024;
    private const int MaxId = 128;

    private static readonly SearchValues<byte> Structure = SearchValues.Create("\"{}[]:,"u8);

    private readonly byte[] _key = new byte[MaxKey];
    private BoundedBytes _usage = new(MaxUsage);
    private BoundedBytes _id = new(MaxId);
    private int _keyLength;
    private int _depth;
    private int _watched = 1;
    private bool _inString;
    private bool _isEscaped;
    private bool _inKey;
    private bool _expectsKey;
    private bool _isMessage;
    private Member _member;

    private enum Member
    {
        Other,
        Usage,
        Error,
        Id,
        Wrapper,
    }

    /// <summary>Gets the bytes of the last <c>usage</c> object; empty when there was none.</summary>
    public ReadOnlySpan<byte> Usage => _usage.Span;

    /// <summary>Gets the bytes of the last <c>id</c> as it was written, its quotes included; empty when there was none.</summary>
    public ReadOnlySpan<byte> Id => _id.Span;

    /// <summary>Gets whether that usage was part of a <c>message</c>, which a stream opens with.</summary>
    public bool IsUsageOfMessage { get; private set; }

    /// <summary>Gets whether a <c>usage</c> object was there, even one that is too large to keep.</summary>
    public bool HasUsage { get; private set; }

    /// <summary>Gets whether an <c>error</c> was there that is not null.</summary>
    public bool HasError { get; private set; }

    /// <summary>Gets whether the object has begun and not ended.</summary>
    public bool IsOpen => _depth > 0;

    /// <summary>Begins a new object; what was found in the last one is forgotten.</summary>
    public void Reset()
    {
        _usage.Clear();
        _id.Clear();
        (_keyLength, _depth, _watched) = (0, 0, 1);
        (_inString, _isEscaped, _inKey, _expectsKey, HasError, HasUsage) = (false, false, false, false, false, false);
        _member = Member.Other;
    }

    public void Push(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var taken = _inString ? TakeString(bytes) : TakeStructure(bytes);
            bytes = bytes[taken..];
        }
    }

    private int TakeString(ReadOnlySpan<byte> bytes)
    {
        if (_isEscaped)
        {
            _isEscaped = false;
            Keep(bytes[..1]);
            return 1;
        }

        var end = bytes.IndexOfAny((byte)'"', (byte)'\\');
        if (end < 0)
        {
            Keep(bytes);
            return bytes.Length;
        }

        if (bytes[end] == '\\')
        {
            _isEscaped = true;
            Keep(bytes[..(end + 1)]);
            return end + 1;
        }

        // The closing quote belongs to a value, not to a key.
        Keep(_inKey ? bytes[..end] : bytes[..(end + 1)]);
        _inString = false;
        _inKey = false;
        return end + 1;
    }

    private int TakeStructure(ReadOnlySpan<byte> bytes)
    {
        var next = bytes.IndexOfAny(Structure);
        if (next < 0)
        {
            Keep(bytes);
            return bytes.Length;
        }

        Keep(bytes[..next]);
        switch (bytes[next])
        {
            case (byte)'"':
                BeginString();
                break;
            case (byte)'{' or (byte)'[':
                Open(bytes[next]);
                break;
            case (byte)'}' or (byte)']':
                Close(bytes[next]);
                break;
            case (byte)':' when _depth == _watched && _expectsKey:
                BeginValue();
                break;
            case (byte)',' when _depth == _watched:
                EndValue();
                break;
            default:
                Keep(bytes.Slice(next, 1));
                break;
        }

        return next + 1;
    }

    private void BeginString()
    {
        _inString = true;
        _inKey = _expectsKey && _depth == _watched;
        if (_inKey)
        {
            _keyLength = 0;
        }
        else
        {
            Keep("\""u8);
        }
    }

    private void Open(byte bracket)
    {
        if (_depth == 0)
        {
            _expectsKey = bracket == '{';
        }
        else if (_member == Member.Wrapper && _depth == _watched && bracket == '{')
        {
            _watched++;
            _expectsKey = true;
            _member = Member.Other;
        }

        HasUsage |= _member == Member.Usage && _depth == _watched && bracket == '{';
        _depth++;
        Keep([bracket]);
    }

    private void Close(byte bracket)
    {
        if (_depth == _watched)
        {
            EndValue();
        }

        Keep([bracket]);
        _depth = Math.Max(0, _depth - 1);
        if (_depth < _watched && _watched > 1)
        {
            _watched--;
            _expectsKey = false;
        }
    }

    private void BeginValue()
    {
        _expectsKey = false;
        var key = _key.AsSpan(0, _keyLength);
        _member = key.SequenceEqual("usage"u8) ? Member.Usage
            : key.SequenceEqual("error"u8) ? Member.Error
            : key.SequenceEqual("id"u8) ? Member.Id
            : _watched == 1 && (key.SequenceEqual("response"u8) || key.SequenceEqual("message"u8)) ? Member.Wrapper
            : Member.Other;
        switch (_member)
        {
            case Member.Usage:
                _usage.Clear();
                IsUsageOfMessage = _watched > 1 && _isMessage;
                break;
            case Member.Id:
                _id.Clear();
                break;
            case Member.Wrapper:
                _isMessage = key.SequenceEqual("message"u8);
                break;
            default:
                break;
        }
    }

    private void EndValue()
    {
        _member = Member.Other;
        _expectsKey = true;
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (_inKey)
        {
            // A longer key is none of ours; what is kept of it then matches nothing.
            var kept = Math.Min(bytes.Length, MaxKey - _keyLength);
            bytes[..kept].CopyTo(_key.AsSpan(_keyLength));
            _keyLength += kept;
        }
        else if (_member == Member.Usage)
        {
            _usage.Add(bytes);
        }
        else if (_member == Member.Id)
        {
            _id.Add(bytes);
        }
        else if (_member == Member.Error)
        {
            HasError |= bytes.ContainsAny("{\""u8);
        }
    }
}
