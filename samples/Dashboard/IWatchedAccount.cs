namespace Dashboard;

/// <summary>An account that changes from frame to frame.</summary>
internal interface IWatchedAccount
{
    Account Account { get; }

    /// <summary>What the frames are of, for their head.</summary>
    string Title { get; }

    /// <summary>How many frames there are; null when nobody knows.</summary>
    int? Frames { get; }

    /// <summary>How many frames a printed one stands for, where each frame would fill the paper.</summary>
    int FramesPerPage { get; }

    /// <summary>What has happened by itself since the last frame, in sentences; null when the end has come.</summary>
    Task<IReadOnlyList<string>?> NextAsync(CancellationToken cancellationToken);
}
