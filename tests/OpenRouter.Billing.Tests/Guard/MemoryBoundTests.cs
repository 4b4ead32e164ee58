using System.Globalization;
using System.IO.Compression;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Settlement;

namespace OpenRouter.Billing.Tests.Guard;

/// <summary>What is remembered is bounded, and what is forgotten for it is the right thing.</summary>
public sealed class MemoryBoundTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Add_MoreRepeatsThanAreKept_ForgetsThoseUsedLongestAgo()
    {
        var repeats = new RepeatCounter();
        for (var fingerprint = 0; fingerprint < RepeatCounter.MostKept; fingerprint++)
        {
            repeats.Add("key", fingerprint, fingerprint, long.MaxValue / 2);
        }

        // The oldest comes back before there is no more room.
        Assert.Equal(2, repeats.Add("key", 0, RepeatCounter.MostKept, long.MaxValue / 2));
        repeats.Add("key", RepeatCounter.MostKept, RepeatCounter.MostKept, long.MaxValue / 2);

        Assert.Equal((RepeatCounter.MostKept * 3 / 4) + 1, repeats.Count);
        Assert.Equal(2, repeats.Peek("key", 0, RepeatCounter.MostKept));
        Assert.Equal(0, repeats.Peek("key", 1, RepeatCounter.MostKept));
        Assert.Equal(1, repeats.Peek("key", RepeatCounter.MostKept - 1, RepeatCounter.MostKept));
    }

    [Fact]
    public void Add_MoreRepeatsThanAreKeptButMostAreOver_ForgetsThoseAndNoOther()
    {
        const long Window = 1000;
        const long Later = 10_000;
        var repeats = new RepeatCounter();
        for (var fingerprint = 0; fingerprint < RepeatCounter.MostKept; fingerprint++)
        {
            repeats.Add("key", fingerprint, fingerprint < 5 ? Later : 0, Window);
        }

        repeats.Add("key", RepeatCounter.MostKept, Later, Window);

        Assert.Equal(6, repeats.Count);
        Assert.Equal(1, repeats.Peek("key", 4, Later));
    }

    [Fact]
    public async Task TryWriteAsync_ManyValuesOfWhichSomeAreOver_KeepsTheOthers()
    {
        var clock = new ManualTimeProvider();
        var state = new InMemorySharedState(clock);
        for (var number = 0; number < 2000; number++)
        {
            Assert.True(await state.TryWriteAsync(Name(number), Name(number), 0, number % 2 == 0 ? TimeSpan.FromMinutes(1) : null, Cancellation));
        }

        clock.Advance(TimeSpan.FromMinutes(1));
        for (var number = 2000; number < 4000; number++)
        {
            Assert.True(await state.TryWriteAsync(Name(number), Name(number), 0, null, Cancellation));
        }

        for (var number = 0; number < 4000; number++)
        {
            Assert.Equal(number < 2000 && number % 2 == 0 ? null : Name(number), (await state.ReadAsync(Name(number), Cancellation))?.Text);
        }
    }

    [Theory]
    [InlineData(60, 0.25)]
    [InlineData(70, null)]
    public async Task Read_AnswerThatUnfoldsToMegabytes_IsReadForItsCostOnlyAsFarAsAnAnswerGoes(int megabytes, double? cost)
    {
        var packed = Pack(megabytes);
        using var client = new GuardedClient(() =>
        {
            var answer = GuardedClient.Answer(new ServedStream(packed, int.MaxValue));
            answer.Content.Headers.TryAddWithoutValidation("Content-Encoding", "gzip");
            return answer;
        });

        using (var response = await client.SendAsync())
        {
            Assert.Equal(packed, await response.Content.ReadAsByteArrayAsync(Cancellation));
        }

        await BillingClientKit.UntilAsync(() => client.Guard.Money.Leased == 0, "the settlement");
        Assert.Equal(cost is { } dollars ? (long)(dollars * 1_000_000_000) : LeasingGuard.ClaimedNanoDollars, client.Guard.Money.Settled);
    }

    private static string Name(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static byte[] Pack(int megabytes)
    {
        using var packed = new MemoryStream();
        using (var packing = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            packing.Write("{\"text\":\""u8);
            var megabyte = new byte[1024 * 1024];
            megabyte.AsSpan().Fill((byte)'x');
            for (var written = 0; written < megabytes; written++)
            {
                packing.Write(megabyte);
            }

            packing.Write("\",\"usage\":{\"cost\":0.25}}"u8);
        }

        return packed.ToArray();
    }
}
