namespace OpenRouter.Billing.Foresight;

/// <summary>The body of a webhook as Slack, Mattermost and Discord's Slack address take it.</summary>
internal sealed record SlackPayload(string Text);
