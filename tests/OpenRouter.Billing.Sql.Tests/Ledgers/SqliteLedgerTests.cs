using Microsoft.Data.Sqlite;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Ledger;

namespace OpenRouter.Billing.Sql.Tests;

public sealed class SqliteLedgerTests : SqlLedgerTests
{
    protected override Task<TestDatabase> OpenDatabaseAsync() => Task.FromResult<TestDatabase>(new SqliteDatabase());

    [Fact]
    public async Task AcquireAsync_FileOfANewLedger_IsAWriteAheadLogThatSurvivesAPowerCut()
    {
        await HoldAsync(Database.Open(Clock), "a", 1);

        await using var connection = new SqliteConnection(((SqliteDatabase)Database).ConnectionString);
        await connection.OpenAsync(Cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode";
        Assert.Equal("wal", await command.ExecuteScalarAsync(Cancellation));
    }

    [Fact]
    public async Task AcquireAsync_FileLockedByAnother_WaitsForItsTurn()
    {
        var ledger = Database.Open(Clock);
        await HoldAsync(ledger, "a", 1);
        var other = await LockAsync();

        var acquiring = Task.Run(() => HoldAsync(ledger, "a", 1), Cancellation);
        await other.DisposeAsync();

        await acquiring;
        Assert.Equal((0, 2), await UsedAsync(ledger, "a"));
    }

    [Fact]
    public async Task AcquireAsync_FileLockedForTooLong_IsUnavailableAndRecovers()
    {
        Database.Options.Timeout = TimeSpan.FromMilliseconds(50);
        var ledger = Database.Open();
        await ledger.PeekAsync([Claims.Money("a", 0, 0, DateTimeOffset.UnixEpoch)], Cancellation);
        var other = await LockAsync();

        var fault = await Assert.ThrowsAsync<SqlLedgerUnavailableException>(() => ledger.AcquireAsync([Claims.Money("a", 1, 5, DateTimeOffset.UnixEpoch)], TimeSpan.FromMinutes(1), Cancellation).AsTask());

        Assert.NotNull(fault.InnerException);
        Assert.False(ledger.Health.IsAvailable);
        await other.DisposeAsync();
        // What waited in the queue (the return of what might have been granted) tries on by itself and finds the way back.
        await UntilAsync(() => ledger.Health is { IsAvailable: true, QueuedSettlements: 0 });
        Assert.NotNull((await ledger.AcquireAsync([Claims.Money("a", 5, 5, DateTimeOffset.UnixEpoch)], TimeSpan.FromMinutes(1), Cancellation)).Lease);
    }

    [Fact]
    public async Task AcquireAsync_FileThatIsNoDatabase_IsUnavailable()
    {
        await File.WriteAllTextAsync(((SqliteDatabase)Database).File, new string('n', 10_000), Cancellation);
        Database.Options.Timeout = TimeSpan.FromMilliseconds(200);

        await Assert.ThrowsAsync<SqlLedgerUnavailableException>(() => Database.Open().AcquireAsync([], TimeSpan.FromMinutes(1), Cancellation).AsTask());
    }

    // A connection that writes and does not end until it is disposed of.
    private async Task<SqliteConnection> LockAsync()
    {
        var connection = new SqliteConnection(((SqliteDatabase)Database).ConnectionString + ";Pooling=False");
        await connection.OpenAsync(Cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = "BEGIN IMMEDIATE";
        await command.ExecuteNonQueryAsync(Cancellation);
        return connection;
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), Cancellation);
        }
    }
}
