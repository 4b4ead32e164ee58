using System.Text;
using System.Text.Json;

namespace OpenRouter.Billing.Guard;

/// <summary>What a member at the top of a request body says.</summary>
internal enum RequestMember
{
    /// <summary>Nothing that decides the price.</summary>
    Other,

    /// <summary>That plugins or a search may be brought along.</summary>
    MaySearch,

    /// <summary>The model.</summary>
    Model,

    /// <summary>The models, first to last.</summary>
    Models,

    /// <summary>The models that may answer instead.</summary>
    Fallbacks,

    /// <summary>What the model reads, in messages or as a text.</summary>
    Messages,

    /// <summary>What the model reads with the names of its members.</summary>
    Schema,

    /// <summary>The tools.</summary>
    Tools,

    /// <summary>The plugins.</summary>
    Plugins,

    /// <summary>How long one answer may be, by the first of its names.</summary>
    MaxTokens,

    /// <summary>How long one answer may be, by the name that replaced the first.</summary>
    MaxCompletionTokens,

    /// <summary>How long one answer may be, by the name that responses have for it.</summary>
    MaxOutputTokens,

    /// <summary>How many answers.</summary>
    Answers,

    /// <summary>How many steps server tools may take.</summary>
    MaxToolCalls,

    /// <summary>The service tier.</summary>
    ServiceTier,

    /// <summary>Whether the answer is streamed.</summary>
    Stream,

    /// <summary>Who may serve the request, and at what price.</summary>
    Provider,
}

/// <summary>Tells the members of a request body by their names.</summary>
internal static class RequestMembers
{
    // The longest name has 21 letters, and a letter may be written in six.
    private const int MaxLength = 6 * 21;

    public static bool IsOutputCap(RequestMember member) => member is RequestMember.MaxTokens or RequestMember.MaxCompletionTokens or RequestMember.MaxOutputTokens;

    public static RequestMember Of(in Utf8JsonReader reader)
    {
        if (reader.ValueSpan.Length > MaxLength)
        {
            return RequestMember.Other;
        }

        Span<byte> unescaped = stackalloc byte[MaxLength];
        Span<char> name = stackalloc char[MaxLength];
        var written = reader.ValueIsEscaped ? unescaped[..reader.CopyString(unescaped)] : reader.ValueSpan;
        return name[..Encoding.Latin1.GetChars(written, name)] switch
        {
            "model" => RequestMember.Model,
            "messages" or "input" or "prompt" or "system" or "instructions" => RequestMember.Messages,
            "stream" => RequestMember.Stream,
            "max_tokens" => RequestMember.MaxTokens,
            "max_completion_tokens" => RequestMember.MaxCompletionTokens,
            "max_output_tokens" => RequestMember.MaxOutputTokens,
            "tools" => RequestMember.Tools,
            "models" => RequestMember.Models,
            "fallbacks" => RequestMember.Fallbacks,
            "plugins" => RequestMember.Plugins,
            "response_format" or "text" or "functions" or "cache_control" => RequestMember.Schema,
            "provider" => RequestMember.Provider,
            "service_tier" => RequestMember.ServiceTier,
            "n" => RequestMember.Answers,
            "max_tool_calls" => RequestMember.MaxToolCalls,
            // A preset may bring plugins along, and nobody here knows what is in it.
            "preset" or "web_search_options" => RequestMember.MaySearch,
            _ => RequestMember.Other,
        };
    }
}
