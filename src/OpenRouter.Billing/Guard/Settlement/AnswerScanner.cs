using System.Buffers;
using System.Text;
using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing.Guard;

/// <summary>Reads what an answer cost while its bytes stream by.</summary>
internal sealed class AnswerScanner(AnswerFormat format)
{
    private const int DataPrefixLength = 5;

    // Bounds what is searched again when nearly every event is one to look into.
    private const int Window = 8 * 1024;

    // An event of a few words has some 300 bytes; a longer one that a read cuts is looked into.
    private const int MaxCut = 2 * 1024;

    private static readonly SearchValues<byte> IdCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:"u8);

    private readonly JsonMemberScanner _members = new();
    private BoundedBytes _object = new(ErrorBody.MaxBytes);
    private int _markPassed;
    private int _column;
    private bool _isData = true;
    private bool _hasData;
    private bool _lineIsEmpty = true;
    private bool _lastWasReturn;
    private bool _isBetweenEvents = true;
    private byte[]? _cut;
    private int _cutLength;

    /// <summary>Gets the last cost that the answer named, in US dollars; null when it named none.</summary>
    public decimal? Cost { get; private set; }

    /// <summary>Gets what was spent through the account's own provider keys, in US dollars; 0 unless the answer says that it was.</summary>
    public decimal ByokCost { get; private set; }

    /// <summary>Gets whether that cost is what a stream opened with, and so not yet what it came to.</summary>
    public bool IsProvisional { get; private set; }

    /// <summary>Gets the id that the answer gave itself first; null when it gave none.</summary>
    public string? GenerationId { get; private set; }

    /// <summary>Gets the last object that said of a failure, as it came; empty when none did, or it was too large to keep.</summary>
    public ReadOnlyMemory<byte> Error { get; private set; }

    /// <summary>Gets whether the answer had a usage object, with a cost or without, readable or not, other than what a stream opens with.</summary>
    public bool HasUsage { get; private set; }

    /// <summary>Gets whether the answer said that something failed.</summary>
    public bool HasError { get; private set; }

    /// <summary>Gets whether an object ended before its last bracket: what it did not say, the rest of it may have said.</summary>
    public bool IsCut { get; private set; }

    public void Push(ReadOnlySpan<byte> bytes)
    {
        switch (format)
        {
            case AnswerFormat.Json:
                Take(bytes);
                break;
            case AnswerFormat.EventStream:
                PushLines(CompleteCut(PassMark(bytes)), mayCut: true);
                break;
            default:
                break;
        }
    }

    /// <summary>Takes in what the last object said; the answer is over, or is as far as anyone will read it.</summary>
    public void End()
    {
        LookIntoCut();
        EndObject();
    }

    private void EndObject()
    {
        HasError |= _members.HasError;
        IsCut |= _members.IsOpen;
        var isOpening = format == AnswerFormat.EventStream && _members.IsUsageOfMessage;
        HasUsage |= _members.HasUsage && !isOpening;
        // A later object without a cost (the other skins send two) does not take back what an earlier one said.
        if (!_members.Usage.IsEmpty && BilledUsage.TryRead(_members.Usage) is { Cost: { } cost } usage)
        {
            (Cost, ByokCost, IsProvisional) = (cost, usage.ByokCost, isOpening);
        }

        GenerationId ??= ReadId(_members.Id);
        KeepError(_object.Span);
        _members.Reset();
        _object.Clear();
    }

    // Written without quotes and escapes, because it goes into an address.
    private static string? ReadId(ReadOnlySpan<byte> id) =>
        id.Length > 2 && id[0] == '"' && id[^1] == '"' && id[1..^1].IndexOfAnyExcept(IdCharacters) < 0 ? Encoding.ASCII.GetString(id[1..^1]) : null;

    // Every shape of a failure has this word in quotes; most objects have not, and are not parsed.
    private void KeepError(ReadOnlySpan<byte> json)
    {
        if (json.IndexOf("\"error\""u8) >= 0 && ErrorBody.Read(json).IsError)
        {
            Error = json.ToArray();
        }
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        _members.Push(bytes);
        _object.Add(bytes);
    }

    // A byte order mark belongs to no line.
    private ReadOnlySpan<byte> PassMark(ReadOnlySpan<byte> bytes)
    {
        while (_markPassed < ByteOrderMark.Bytes.Length && !bytes.IsEmpty)
        {
            if (bytes[0] != ByteOrderMark.Bytes[_markPassed])
            {
                _markPassed = ByteOrderMark.Bytes.Length;
                return bytes;
            }

            _markPassed++;
            bytes = bytes[1..];
        }

        return bytes;
    }

    private void PushLines(ReadOnlySpan<byte> bytes, bool mayCut)
    {
        while (!(bytes = PassOver(bytes, mayCut)).IsEmpty)
        {
            var end = bytes.IndexOfAny((byte)'\n', (byte)'\r');
            var part = end < 0 ? bytes : bytes[..end];
            PushLinePart(part);
            // A line feed right after a carriage return belongs to it.
            _lastWasReturn &= part.IsEmpty;
            if (end < 0)
            {
                return;
            }

            if (bytes[end] == '\r' || !_lastWasReturn)
            {
                EndLine();
            }

            _lastWasReturn = bytes[end] == '\r';
            bytes = bytes[(end + 1)..];
        }
    }

    // Nearly all events of a stream hold a few words and nothing that is looked for. They are passed over, as far as they are here to their end.
    private ReadOnlySpan<byte> PassOver(ReadOnlySpan<byte> bytes, bool mayCut)
    {
        var hasPassed = false;
        while (_isBetweenEvents && !_lastWasReturn && GenerationId is not null)
        {
            var window = bytes[..Math.Min(bytes.Length, Window)];
            var quiet = BeforeMention(window);
            var end = quiet.LastIndexOf("\n\n"u8);
            if (end < 0)
            {
                return mayCut && hasPassed && quiet.Length == bytes.Length && TryKeepCut(bytes) ? default : bytes;
            }

            bytes = bytes[(end + 2)..];
            hasPassed = true;
        }

        return bytes;
    }

    // The beginning of an event is set aside until its end has come, so that the whole can be passed over.
    private bool TryKeepCut(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxCut / 2)
        {
            return false;
        }

        _cut ??= new byte[MaxCut];
        bytes.CopyTo(_cut);
        _cutLength = bytes.Length;
        return true;
    }

    // Takes what completes the event that was set aside, and leaves the rest.
    private ReadOnlySpan<byte> CompleteCut(ReadOnlySpan<byte> bytes)
    {
        if (_cutLength == 0)
        {
            return bytes;
        }

        var end = bytes.IndexOf("\n\n"u8);
        var missing = end < 0 ? bytes : bytes[..(end + 2)];
        if (_cutLength + missing.Length > MaxCut)
        {
            LookIntoCut();
            return bytes;
        }

        missing.CopyTo(_cut.AsSpan(_cutLength));
        _cutLength += missing.Length;
        if (end >= 0)
        {
            LookIntoCut();
        }

        return bytes[missing.Length..];
    }

    private void LookIntoCut()
    {
        var cut = _cut.AsSpan(0, _cutLength);
        _cutLength = 0;
        PushLines(cut, mayCut: false);
    }

    private static ReadOnlySpan<byte> BeforeMention(ReadOnlySpan<byte> bytes)
    {
        // By the ends of their names: a search looks for first and last letter first, and these hardly ever stand so far from each other in an event.
        var usage = bytes.IndexOf("sage\""u8);
        bytes = usage < 0 ? bytes : bytes[..usage];
        var error = bytes.IndexOf("ror\""u8);
        return error < 0 ? bytes : bytes[..error];
    }

    private void PushLinePart(ReadOnlySpan<byte> part)
    {
        _lineIsEmpty &= part.IsEmpty;
        _isBetweenEvents &= part.IsEmpty;
        while (_isData && _column < DataPrefixLength && !part.IsEmpty)
        {
            _isData = part[0] == "data:"u8[_column++];
            part = part[1..];
            if (_isData && _column == DataPrefixLength)
            {
                BeginData();
            }
        }

        if (_isData)
        {
            Take(part);
        }
    }

    // Between two data lines of one event its reader sees the end of the first.
    private void BeginData()
    {
        if (_hasData)
        {
            Take("\n"u8);
        }

        _hasData = true;
    }

    // An empty line ends an event; until then further data lines continue it.
    private void EndLine()
    {
        if (_lineIsEmpty)
        {
            EndObject();
            (_isBetweenEvents, _hasData) = (true, false);
        }

        (_column, _isData, _lineIsEmpty) = (0, true, true);
    }
}
