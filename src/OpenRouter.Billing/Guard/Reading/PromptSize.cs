using System.Text;

namespace OpenRouter.Billing.Guard;

/// <summary>How large a prompt is before any tokenizer has seen it.</summary>
/// <remarks>Read from a request body it is the text as written in JSON, escapes included, so it is never too small.</remarks>
public readonly record struct PromptSize
{
    /// <summary>Gets how much text the model reads: messages, instructions, tools and schemas; without files, images and sound.</summary>
    /// <value>Bytes of UTF-8.</value>
    public long Bytes { get; init; }

    /// <summary>Gets how much of it is not ASCII: most tokenizers spend more on other scripts.</summary>
    /// <value>Bytes of UTF-8; at most <see cref="Bytes"/>.</value>
    public long NonAsciiBytes { get; init; }

    /// <summary>Gets how many messages it is in; each costs some tokens of its own.</summary>
    /// <value>Messages.</value>
    public int Messages { get; init; }

    /// <summary>Gets whether tools are offered, for which some models read instructions of their own.</summary>
    public bool HasTools { get; init; }

    /// <summary>Measures a prompt of one message.</summary>
    /// <param name="text">The text.</param>
    /// <returns>Its size.</returns>
    public static PromptSize Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var ascii = 0;
        foreach (var character in text)
        {
            ascii += char.IsAscii(character) ? 1 : 0;
        }

        var bytes = Encoding.UTF8.GetByteCount(text);
        return new PromptSize { Bytes = bytes, NonAsciiBytes = bytes - ascii, Messages = 1 };
    }
}
