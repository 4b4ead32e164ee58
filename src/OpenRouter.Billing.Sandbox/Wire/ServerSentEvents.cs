using System.Buffers;
using System.Text;
using System.Text.Json;

namespace OpenRouter.Billing.Sandbox;

/// <summary>Collects the events of a stream: one data line each, line feeds only.</summary>
internal sealed class ServerSentEvents
{
    private readonly ArrayBufferWriter<byte> _buffer = new();

    public ServerSentEvents Comment()
    {
        _buffer.Write(": OPENROUTER PROCESSING\n\n"u8);
        return this;
    }

    public ServerSentEvents Data(Action<Utf8JsonWriter> write, string? name = null)
    {
        if (name is not null)
        {
            _buffer.Write("event: "u8);
            _buffer.Write(Encoding.UTF8.GetBytes(name));
            _buffer.Write("\n"u8);
        }

        _buffer.Write("data: "u8);
        Json.WriteTo(_buffer, write);
        _buffer.Write("\n\n"u8);
        return this;
    }

    public ServerSentEvents Done(string? name = null)
    {
        if (name is not null)
        {
            _buffer.Write(Encoding.UTF8.GetBytes($"event: {name}\n"));
        }

        _buffer.Write("data: [DONE]\n\n"u8);
        return this;
    }

    public ReadOnlyMemory<byte> ToBytes() => _buffer.WrittenMemory;
}
