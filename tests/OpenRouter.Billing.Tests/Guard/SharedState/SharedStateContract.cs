using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.SharedState;

/// <summary>What every shared state must do. A test class per implementation derives from it.</summary>
public abstract class SharedStateContract
{
    protected ManualTimeProvider Clock { get; } = new();

    /// <summary>Opens an empty state that reads <see cref="Clock"/>.</summary>
    protected abstract ValueTask<ISharedState> OpenAsync();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ReadAsync_NeverWritten_IsNull() => Assert.Null(await (await OpenAsync()).ReadAsync("a", Cancellation));

    [Fact]
    public async Task ReadAsync_Written_TellsTextAndAge()
    {
        var state = await OpenAsync();
        Assert.True(await state.TryWriteAsync("a", "ein Wert, 值 \"'", 0, cancellationToken: Cancellation));
        Clock.Advance(TimeSpan.FromSeconds(90));

        var value = await state.ReadAsync("a", Cancellation);

        Assert.Equal(("ein Wert, 值 \"'", TimeSpan.FromSeconds(90)), (value!.Text, value.Age));
        Assert.True(value.Version > 0);
        Assert.Null(await state.ReadAsync("A", Cancellation));
    }

    [Fact]
    public async Task TryWriteAsync_WithTheVersionThatWasRead_ReplacesTheValue()
    {
        var state = await OpenAsync();
        await state.TryWriteAsync("a", "one", 0, cancellationToken: Cancellation);
        var read = await state.ReadAsync("a", Cancellation);

        Assert.True(await state.TryWriteAsync("a", "two", read!.Version, cancellationToken: Cancellation));

        Assert.Equal("two", (await state.ReadAsync("a", Cancellation))!.Text);
        Assert.False(await state.TryWriteAsync("a", "three", read.Version, cancellationToken: Cancellation));
        Assert.False(await state.TryWriteAsync("a", "three", 0, cancellationToken: Cancellation));
        Assert.False(await state.TryWriteAsync("b", "three", read.Version, cancellationToken: Cancellation));
        Assert.Equal("two", (await state.ReadAsync("a", Cancellation))!.Text);
    }

    [Fact]
    public async Task TryWriteAsync_ManyAtOnce_OneWins()
    {
        var state = await OpenAsync();

        var wins = await Task.WhenAll(Enumerable.Range(0, 20).Select(writer => Task.Run(() => state.TryWriteAsync("a", $"{writer}", 0, cancellationToken: Cancellation).AsTask())));

        Assert.Single(wins, won => won);
    }

    [Fact]
    public async Task TryWriteAsync_KeptForAWhile_IsForgottenThenAndItsVersionIsWorthNothing()
    {
        var state = await OpenAsync();
        await state.TryWriteAsync("a", "one", 0, TimeSpan.FromMinutes(1), Cancellation);
        var read = await state.ReadAsync("a", Cancellation);
        Clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Null(await state.ReadAsync("a", Cancellation));
        Assert.False(await state.TryWriteAsync("a", "two", read!.Version, cancellationToken: Cancellation));
        Assert.True(await state.TryWriteAsync("a", "three", 0, cancellationToken: Cancellation));
        Assert.NotEqual(read.Version, (await state.ReadAsync("a", Cancellation))!.Version);
    }

    [Fact]
    public async Task TryWriteAsync_OddName_IsRefused()
    {
        var state = await OpenAsync();

        await Assert.ThrowsAnyAsync<ArgumentException>(() => state.TryWriteAsync(string.Empty, "one", 0, cancellationToken: Cancellation).AsTask());
        await Assert.ThrowsAnyAsync<ArgumentException>(() => state.TryWriteAsync(new string('n', 201), "one", 0, cancellationToken: Cancellation).AsTask());
        Assert.True(await state.TryWriteAsync(new string('n', 200), "one", 0, cancellationToken: Cancellation));
    }
}
