using System.Globalization;
using System.Text.Json.Nodes;

namespace OpenRouter.Billing.Tests.Wire;

public sealed class PagesTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(99, 1)]
    [InlineData(100, 2)]
    [InlineData(101, 2)]
    [InlineData(250, 3)]
    public async Task ListAsync_ManyRows_ReadsToTheShortPage(int rows, int pages)
    {
        var handler = Serving((offset, _) => Enumerable.Range(offset, Math.Clamp(rows - offset, 0, 100)));
        Assert.Equal(Enumerable.Range(0, rows).Select(Hash), await ReadAsync(handler));
        Assert.Equal(pages, handler.Requests.Count);
    }

    [Fact]
    public async Task ListAsync_RowsMoveToALaterPageMeanwhile_GivesEachOnce()
    {
        // With every page another seven keys appear at the front.
        var handler = Serving((offset, call) => Enumerable.Range(offset - (call * 7), Math.Clamp(230 + (call * 7) - offset, 0, 100)));
        var hashes = await ReadAsync(handler);
        Assert.Equal(hashes.Distinct(), hashes);
        Assert.Superset(Enumerable.Range(0, 230).Select(Hash).ToHashSet(), hashes.ToHashSet());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(30)]
    [InlineData(99)]
    [InlineData(100)]
    [InlineData(180)]
    public async Task ListAsync_RowsAreTakenOutMeanwhile_PassesOverNoneThatStays(int takenOut)
    {
        // After the first page some of its rows vanish, and all others move up.
        var handler = Serving((offset, call) => (call == 0 ? Enumerable.Range(0, 350) : Enumerable.Range(takenOut, 350 - takenOut)).Skip(offset).Take(100));
        var hashes = await ReadAsync(handler);
        Assert.Equal(hashes.Distinct(), hashes);
        Assert.Superset(Enumerable.Range(takenOut, 350 - takenOut).Select(Hash).ToHashSet(), hashes.ToHashSet());
    }

    [Fact]
    public async Task ListAsync_RowsComeAndGoWithEveryPage_GivesAllThatStayOnce()
    {
        // A fixed start: a failure can be looked at again.
        var random = new Random(4_711);
        for (var run = 0; run < 500; run++)
        {
            var rows = Enumerable.Range(0, random.Next(50, 600)).ToList();
            var stays = rows.ToHashSet();
            var next = 1_000;
            var handler = Serving((offset, call) =>
            {
                for (var i = call == 0 ? 0 : random.Next(1 + (run % 40)); i > 0 && rows.Count > 0; i--)
                {
                    if (random.Next(2) == 0)
                    {
                        // New keys come first.
                        rows.Insert(0, next++);
                    }
                    else
                    {
                        var at = random.Next(rows.Count);
                        stays.Remove(rows[at]);
                        rows.RemoveAt(at);
                    }
                }

                return rows.Skip(offset).Take(100).ToList();
            });
            var hashes = await ReadAsync(handler);
            Assert.Equal(hashes.Distinct(), hashes);
            Assert.DoesNotContain(stays, row => !hashes.Contains(Hash(row)));
        }
    }

    [Fact]
    public async Task ListAsync_ServerIgnoresTheOffset_Ends()
    {
        var handler = Serving((_, _) => Enumerable.Range(0, 100));
        Assert.Equal(100, (await ReadAsync(handler)).Count);
        Assert.InRange(handler.Requests.Count, 2, 5);
    }

    [Fact]
    public async Task ListAsync_PagesNeverEnd_EndsTyped()
    {
        var handler = Serving((offset, _) => Enumerable.Range(offset, 100));
        var exception = await Assert.ThrowsAsync<OpenRouterApiException>(() => ReadAsync(handler));
        Assert.Contains("1000 pages", exception.Message, StringComparison.Ordinal);
        Assert.Equal(1000, handler.Requests.Count);
    }

    [Fact]
    public async Task ListAsync_CancelledBetweenPages_AsksNoMore()
    {
        var handler = Serving((offset, _) => Enumerable.Range(offset, 100));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var read = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in BillingClientKit.Over(handler).Keys.ListAsync(cancellationToken: stop.Token))
            {
                if (++read == 150)
                {
                    await stop.CancelAsync();
                }
            }
        });
        Assert.Equal((199, 2), (read, handler.Requests.Count));
    }

    [Fact]
    public async Task ListAsync_LeftEarly_AsksNoMore()
    {
        var handler = Serving((offset, _) => Enumerable.Range(offset, 100));
        await foreach (var _ in BillingClientKit.Over(handler).Keys.ListAsync(cancellationToken: Cancelled))
        {
            break;
        }

        Assert.Single(handler.Requests);
    }

    private static string Hash(int i) => string.Create(CultureInfo.InvariantCulture, $"{i + 1_000_000:x64}");

    private static ScriptedHandler Serving(Func<int, int, IEnumerable<int>> rows)
    {
        var call = 0;
        return new ScriptedHandler(request =>
        {
            var offset = int.Parse(request.Query.Split("offset=")[1], CultureInfo.InvariantCulture);
            var data = new JsonArray([.. rows(offset, call++).Select(i => new JsonObject { ["hash"] = Hash(i) })]);
            return StubHandler.Json(new JsonObject { ["data"] = data }.ToJsonString());
        });
    }

    private static async Task<List<string>> ReadAsync(HttpMessageHandler handler)
    {
        var hashes = new List<string>();
        await foreach (var key in BillingClientKit.Over(handler).Keys.ListAsync(cancellationToken: Cancelled))
        {
            hashes.Add(key.Hash);
        }

        return hashes;
    }
}
