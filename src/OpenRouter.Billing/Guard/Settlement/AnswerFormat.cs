namespace OpenRouter.Billing.Guard;

/// <summary>How an answer carries its usage.</summary>
internal enum AnswerFormat
{
    /// <summary>Not at all, or not readably: audio, images.</summary>
    Opaque,

    /// <summary>In one JSON object, possibly after keep-alive white space.</summary>
    Json,

    /// <summary>In one of the JSON objects of server-sent events.</summary>
    EventStream,
}
