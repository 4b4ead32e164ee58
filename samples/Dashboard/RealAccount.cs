namespace Dashboard;

/// <summary>An account that is looked at every quarter of a minute.</summary>
internal sealed class RealAccount(Account account) : IWatchedAccount
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(15);

    private bool _hasLooked;

    public Account Account => account;

    public string Title => "Your account";

    public int? Frames => null;

    public int FramesPerPage => 1;

    public async Task<IReadOnlyList<string>?> NextAsync(CancellationToken cancellationToken)
    {
        if (_hasLooked)
        {
            await Task.Delay(Pause, account.Clock, cancellationToken);
        }

        _hasLooked = true;
        return [];
    }
}
