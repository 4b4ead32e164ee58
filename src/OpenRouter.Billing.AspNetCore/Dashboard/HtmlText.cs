using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;

namespace OpenRouter.Billing.AspNetCore;

/// <summary>HTML that is written piece by piece: what stands in the code goes in as it is, and every value is encoded.</summary>
internal sealed class HtmlText
{
    private readonly StringBuilder _text = new(16 * 1024);

#pragma warning disable CA1822 // the handler, which the compiler makes before the call, writes into this instance
    public void Write([InterpolatedStringHandlerArgument("")] ref Handler html) => _ = html;
#pragma warning restore CA1822

    public override string ToString() => _text.ToString();

    [InterpolatedStringHandler]
    internal readonly ref struct Handler
    {
        private readonly StringBuilder _text;

        public Handler(int literalLength, int formattedCount, HtmlText html)
        {
            _ = (literalLength, formattedCount);
            _text = html._text;
        }

        public void AppendLiteral(string value) => _text.Append(value);

        public void AppendFormatted(string? value) => _text.Append(HtmlEncoder.Default.Encode(value ?? string.Empty));

        public void AppendFormatted(decimal value) => _text.Append(value.ToString("0.#########", CultureInfo.InvariantCulture));

        public void AppendFormatted(long value) => _text.Append(value.ToString(CultureInfo.InvariantCulture));
    }
}
