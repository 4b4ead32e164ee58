using System.Net;
using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing;

/// <summary>Replaces a key step by step: the old one is touched only after the new one works and has been handed over.</summary>
internal sealed class KeyRotator(KeysClient keys, TimeProvider timeProvider)
{
    private const int Looks = 5;
    private static readonly TimeSpan PauseBetweenLooks = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestGrace = TimeSpan.FromDays(30);

    public async Task<KeyRotation> RotateAsync(string hash, Func<NewKey, CancellationToken, ValueTask> handOver, KeyRotationOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(handOver);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.GraceTime, TimeSpan.Zero, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.GraceTime, LongestGrace, nameof(options));
        var old = await keys.GetAsync(hash, cancellationToken).ConfigureAwait(false);
        var draft = Copy(old, options.ExpiresAt);
        // What could not be sent is said before anything is.
        _ = KeyDraftPayload.From(draft);
        var rotation = new KeyRotation { OldKeyHash = old.Hash };
        // A change, once begun, is waited for: to cancel it would leave unknown whether it was made.
        await RunAsync(KeyRotationStep.CreateNewKey, async () => rotation = rotation with { NewKey = await keys.CreateAsync(draft, CancellationToken.None).ConfigureAwait(false) }).ConfigureAwait(false);
        var created = rotation.NewKey!;
        await RunAsync(KeyRotationStep.ProveNewKey, () => ProveAsync(created, cancellationToken)).ConfigureAwait(false);
        await RunAsync(KeyRotationStep.HandOver, () => handOver(created, cancellationToken).AsTask()).ConfigureAwait(false);
        await RunAsync(KeyRotationStep.DisableOldKey, () => SwitchOffAsync(old.Hash)).ConfigureAwait(false);
        await Task.Delay(options.GraceTime, timeProvider, cancellationToken).ConfigureAwait(false);
        await RunAsync(KeyRotationStep.DeleteOldKey, () => UnlessGoneAsync(keys.DeleteAsync(old.Hash, CancellationToken.None))).ConfigureAwait(false);
        return rotation;

        async Task RunAsync(KeyRotationStep step, Func<Task> act)
        {
            cancellationToken.ThrowIfCancellationRequested();
            rotation = rotation with { NextStep = step };
            await GuardAsync(act, mayChange: true).ConfigureAwait(false);
            rotation = rotation with { NextStep = step == KeyRotationStep.DeleteOldKey ? null : step + 1 };
            if (options.OnAdvanced is { } tell)
            {
                await GuardAsync(() => tell(rotation, cancellationToken).AsTask(), mayChange: false).ConfigureAwait(false);
            }
        }

        async Task GuardAsync(Func<Task> act, bool mayChange)
        {
            try
            {
                await act().ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                var changes = mayChange && rotation.NextStep is not (KeyRotationStep.ProveNewKey or KeyRotationStep.HandOver);
                throw new KeyRotationException(rotation with { MayBeDone = changes && WriteOutcome.IsUncertain(exception) }, exception);
            }
        }
    }

    // A key may take a moment to be known everywhere.
    private async Task ProveAsync(NewKey created, CancellationToken cancellationToken)
    {
        for (var look = 1; ; look++)
        {
            try
            {
                await keys.GetOwnAsync(created.RevealSecret(), cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (OpenRouterApiException exception) when (exception.StatusCode == HttpStatusCode.Unauthorized && look < Looks)
            {
                await Task.Delay(PauseBetweenLooks, timeProvider, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private KeyDraft Copy(ApiKey old, DateTimeOffset? expiresAt)
    {
        var now = timeProvider.GetUtcNow();
        if (old.IsDisabled == true || old.ExpiresAt <= now)
        {
            throw new InvalidOperationException("The key to rotate is disabled or expired, so there is nothing to replace: create a key instead.");
        }

        if (!old.IsLimitKnown)
        {
            throw new InvalidOperationException("OpenRouter did not say which limit the key has, so a copy might have none: create a key with the right limit instead.");
        }

        return new KeyDraft
        {
            Name = old.Name ?? throw new InvalidOperationException("OpenRouter did not say which name the key has, so it cannot be copied: create a key instead."),
            Limit = old.Limit,
            Reset = old.Reset,
            IncludesByokInLimit = old.IncludesByokInLimit,
            ExpiresAt = expiresAt ?? old.ExpiresAt,
            WorkspaceId = WorkspaceOf(old),
            CreatorUserId = old.CreatorUserId,
            ExternalUser = old.ExternalUser,
        };
    }

    private static Guid? WorkspaceOf(ApiKey old) =>
        old.WorkspaceId is not { } text ? null
        : Guid.TryParse(text, out var id) ? id
        : throw new InvalidOperationException("OpenRouter did not name the key's workspace by a UUID, so its copy might spend elsewhere: create a key instead.");

    // The answer may be lost, or refused by something between, and the key off all the same.
    private async Task SwitchOffAsync(string hash)
    {
        try
        {
            await UnlessGoneAsync(keys.DisableAsync(hash, CancellationToken.None)).ConfigureAwait(false);
        }
        catch (OpenRouterBillingException)
        {
            if (!await IsOffAsync(hash).ConfigureAwait(false))
            {
                throw;
            }
        }
    }

    private async Task<bool> IsOffAsync(string hash)
    {
        try
        {
            return (await keys.LookAsync(hash, CancellationToken.None).ConfigureAwait(false)).IsDisabled == true;
        }
        catch (OpenRouterBillingException)
        {
            return false;
        }
    }

    // A key that is not there any more is neither working nor left to be deleted.
    private static async Task UnlessGoneAsync(Task change)
    {
        try
        {
            await change.ConfigureAwait(false);
        }
        catch (OpenRouterApiException exception) when (exception.StatusCode == HttpStatusCode.NotFound)
        {
            return;
        }
    }
}
