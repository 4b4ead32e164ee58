using System.Numerics;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace OpenRouter.Billing.Guard;

/// <summary>Measures what a request gives the model to read, value by value, while a reader passes over it.</summary>
/// <param name="isAscii">Whether the whole body is ASCII, so that nothing else need be looked for in its values.</param>
internal struct PromptMeter(bool isAscii)
{
    // "input_image", each letter of it as an escape of six.
    private const int LongestWord = 6 * 11;

    private long _bytes;
    private long _nonAsciiBytes;
    private int _messages;

    public int Images { get; private set; }

    public int Recordings { get; private set; }

    public int Files { get; private set; }

    public long MediaBytes { get; private set; }

    public bool CachesForAnHour { get; private set; }

    public bool HasTools { get; set; }

    // What looks like a file but belongs to none is text after all.
    private readonly bool HasMedia => Images + Recordings + Files > 0;

    public readonly PromptSize Size => new()
    {
        Bytes = _bytes + (HasMedia ? 0 : MediaBytes),
        NonAsciiBytes = _nonAsciiBytes,
        Messages = _messages,
        HasTools = HasTools,
    };

    /// <summary>Measures messages: a text, a list of texts, or a list of objects in any of the three skins.</summary>
    public void AddMessages(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not (JsonTokenType.StartArray or JsonTokenType.StartObject))
        {
            _messages++;
            AddText(in reader);
            return;
        }

        var depth = 1;
        var kind = MemberKind.Text;
        while (depth > 0 && reader.Read())
        {
            var token = reader.TokenType;
            if (token is JsonTokenType.EndObject or JsonTokenType.EndArray)
            {
                depth--;
                continue;
            }

            _messages += depth == 1 ? 1 : 0;
            switch (token)
            {
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    depth++;
                    break;
                case JsonTokenType.PropertyName:
                    kind = KindOf(WordOf(in reader));
                    break;
                case JsonTokenType.String:
                    AddValue(in reader, kind);
                    break;
                case JsonTokenType.Number:
                    AddText(in reader);
                    break;
            }
        }
    }

    /// <summary>Measures what the model reads with the names of its members: tools, schemas and settings.</summary>
    public void AddSchema(ref Utf8JsonReader reader)
    {
        AddSchemaToken(in reader);
        if (reader.TokenType is not (JsonTokenType.StartArray or JsonTokenType.StartObject))
        {
            return;
        }

        var depth = reader.CurrentDepth;
        while (reader.Read() && reader.CurrentDepth > depth)
        {
            AddSchemaToken(in reader);
        }
    }

    public void AddSchemaToken(in Utf8JsonReader reader)
    {
        if (reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.String or JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False)
        {
            AddText(in reader);
            CachesForAnHour |= reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("1h"u8);
        }
    }

    // One byte more for the delimiter that a value or a name stands between.
    private void AddText(in Utf8JsonReader reader)
    {
        var text = reader.ValueSpan;
        _bytes += text.Length + 1;
        if (!isAscii)
        {
            _nonAsciiBytes += CountNonAscii(text);
        }
    }

    // Every byte of a letter that is not ASCII has its highest bit set. Eight bytes at a time.
    private static long CountNonAscii(ReadOnlySpan<byte> text)
    {
        const ulong HighestBits = 0x8080_8080_8080_8080;
        var words = MemoryMarshal.Cast<byte, ulong>(text);
        long count = 0;
        foreach (var word in words)
        {
            count += BitOperations.PopCount(word & HighestBits);
        }

        foreach (var unit in text[(words.Length * sizeof(ulong))..])
        {
            count += unit >> 7;
        }

        return count;
    }

    private void AddValue(in Utf8JsonReader reader, MemberKind kind)
    {
        var text = reader.ValueSpan;
        switch (kind)
        {
            case MemberKind.Data:
            case MemberKind.Address when text.StartsWith("data:"u8):
                MediaBytes += text.Length;
                return;
            case MemberKind.Type:
                AddPart(WordOf(in reader));
                break;
            case MemberKind.Lifetime when reader.ValueTextEquals("1h"u8):
                CachesForAnHour = true;
                break;
        }

        AddText(in reader);
    }

    private void AddPart(ReadOnlySpan<byte> type)
    {
        if (type.SequenceEqual("image_url"u8) || type.SequenceEqual("input_image"u8) || type.SequenceEqual("image"u8))
        {
            Images++;
        }
        else if (type.SequenceEqual("file"u8) || type.SequenceEqual("input_file"u8) || type.SequenceEqual("document"u8))
        {
            Files++;
        }
        else if (type.SequenceEqual("input_audio"u8) || type.SequenceEqual("video_url"u8) || type.SequenceEqual("input_video"u8))
        {
            Recordings++;
        }
    }

    // The server reads a word that is written with escapes as the same word. Hardly anybody writes names and types so.
    private static ReadOnlySpan<byte> WordOf(in Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            return reader.ValueSpan;
        }

        if (reader.ValueSpan.Length > LongestWord)
        {
            return default;
        }

        var word = new byte[LongestWord];
        return word.AsSpan(0, reader.CopyString(word));
    }

    private static MemberKind KindOf(ReadOnlySpan<byte> name) => name.Length switch
    {
        3 when name.SequenceEqual("url"u8) => MemberKind.Address,
        3 when name.SequenceEqual("ttl"u8) => MemberKind.Lifetime,
        4 when name.SequenceEqual("type"u8) => MemberKind.Type,
        4 when name.SequenceEqual("data"u8) => MemberKind.Data,
        8 when name.SequenceEqual("file_url"u8) => MemberKind.Address,
        9 when name.SequenceEqual("file_data"u8) => MemberKind.Data,
        9 when name.SequenceEqual("image_url"u8) => MemberKind.Address,
        _ => MemberKind.Text,
    };

    private enum MemberKind
    {
        Text,
        Address,
        Data,
        Type,
        Lifetime,
    }
}
