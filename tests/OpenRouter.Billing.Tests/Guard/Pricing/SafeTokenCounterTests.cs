using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Pricing;

/// <summary>How many tokens a prompt is taken for, at most and usually.</summary>
public sealed class SafeTokenCounterTests
{
    [Theory]
    // 64 for the whole.
    [InlineData(0, 0, 0, false, 64)]
    // A token for every two bytes that are begun: 2 and 64.
    [InlineData(3, 0, 0, false, 66)]
    [InlineData(4, 0, 0, false, 66)]
    // Three bytes of ASCII in 2, the other four in 4, and 64.
    [InlineData(7, 4, 0, false, 70)]
    // Twice 8 and 64.
    [InlineData(0, 0, 2, false, 80)]
    // 1,000 and 64.
    [InlineData(0, 0, 0, true, 1_064)]
    // 40 + 21 + 24 + 64 + 1,000.
    [InlineData(101, 21, 3, true, 1_149)]
    public void CountAtMost_Prompt_IsWhatItsPartsAddUpTo(long bytes, long nonAscii, int messages, bool hasTools, long tokens) =>
        Assert.Equal(tokens, SafeTokenCounter.Instance.CountAtMost(new PromptSize { Bytes = bytes, NonAsciiBytes = nonAscii, Messages = messages, HasTools = hasTools }, "a/b"));

    [Theory]
    [InlineData(0, 0, 0)]
    // A token for every four bytes that are begun.
    [InlineData(3, 0, 1)]
    [InlineData(4, 0, 1)]
    [InlineData(5, 0, 2)]
    // Four for each message.
    [InlineData(0, 1, 4)]
    [InlineData(10, 3, 15)]
    public void CountUsual_Prompt_IsFourBytesATokenAndFourTokensAMessage(long bytes, int messages, long tokens) =>
        Assert.Equal(tokens, SafeTokenCounter.CountUsual(new PromptSize { Bytes = bytes, Messages = messages }));
}
