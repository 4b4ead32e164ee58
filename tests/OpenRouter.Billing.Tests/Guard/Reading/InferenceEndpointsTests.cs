using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Reading;

public sealed class InferenceEndpointsTests
{
    private static readonly Uri BaseAddress = new("https://openrouter.ai/api/v1/");

    [Theory]
    [InlineData("chat/completions")]
    [InlineData("completions")]
    [InlineData("responses")]
    [InlineData("messages")]
    [InlineData("embeddings")]
    [InlineData("rerank")]
    [InlineData("images")]
    [InlineData("images/generations")]
    [InlineData("videos")]
    [InlineData("audio/speech")]
    [InlineData("audio/transcriptions")]
    [InlineData("systemone")]
    [InlineData("presets/my-preset/chat/completions")]
    [InlineData("presets/my-preset/responses")]
    [InlineData("interns/7/chat/completions")]
    public void Matches_PostToAnInferencePath_IsRecognised(string path)
    {
        Assert.True(Matches(HttpMethod.Post, $"https://openrouter.ai/api/v1/{path}"));
        Assert.True(Matches(HttpMethod.Post, $"https://OPENROUTER.ai:443/api/v1/{path}?beta=true#x"));
        Assert.True(Matches(HttpMethod.Post, $"https://openrouter.ai/api/v1/{path}/"));
        Assert.True(Matches(new HttpMethod("post"), $"https://openrouter.ai/api/v1/{path}"));
        Assert.False(Matches(HttpMethod.Get, $"https://openrouter.ai/api/v1/{path}"));
        Assert.False(Matches(HttpMethod.Options, $"https://openrouter.ai/api/v1/{path}"));
    }

    // More is recognised than the server answers: guarding a request that it will not find costs nothing.
    [Theory]
    [InlineData("https://openrouter.ai/api/v1//chat/completions")]
    [InlineData("https://openrouter.ai/api/v1/Chat/Completions")]
    [InlineData("https://openrouter.ai/api/v1/./chat/completions")]
    [InlineData("https://openrouter.ai/api/v1/x/../chat/completions")]
    [InlineData("https://openrouter.ai/api/v1/%63hat/completions")]
    [InlineData("https://openrouter.ai/api/v1/chat%2Fcompletions")]
    [InlineData("https://openrouter.ai/api/v1/chat/completions//")]
    public void Matches_OtherSpellingsOfAPath_AreRecognised(string address) => Assert.True(Matches(HttpMethod.Post, address));

    [Theory]
    [InlineData("https://openrouter.ai/api/v1")]
    [InlineData("https://openrouter.ai/api/v1/")]
    [InlineData("https://openrouter.ai/api/v1/keys")]
    [InlineData("https://openrouter.ai/api/v1/credits")]
    [InlineData("https://openrouter.ai/api/v1/chat")]
    [InlineData("https://openrouter.ai/api/v1/chat/completions/x")]
    [InlineData("https://openrouter.ai/api/v1/chat/completionsx")]
    [InlineData("https://openrouter.ai/api/v1/xchat/completions")]
    [InlineData("https://openrouter.ai/api/v1/messages/count_tokens")]
    [InlineData("https://openrouter.ai/api/v1/presets/completions")]
    [InlineData("https://openrouter.ai/api/v1/presets//chat/completions")]
    [InlineData("https://openrouter.ai/api/v1/presets/a/keys")]
    [InlineData("https://openrouter.ai/api/v1/?path=chat/completions")]
    [InlineData("https://openrouter.ai/api/v1x/chat/completions")]
    [InlineData("https://openrouter.ai/api/v2/chat/completions")]
    [InlineData("https://openrouter.ai/v1/chat/completions")]
    [InlineData("https://openrouter.ai/chat/completions")]
    [InlineData("https://api.openai.com/api/v1/chat/completions")]
    [InlineData("https://openrouter.ai.example.com/api/v1/chat/completions")]
    [InlineData("https://openrouter.ai:8443/api/v1/chat/completions")]
    [InlineData("http://openrouter.ai/api/v1/chat/completions")]
    public void Matches_OtherPathsAndPlaces_AreNotRecognised(string address) => Assert.False(Matches(HttpMethod.Post, address));

    [Theory]
    [InlineData("https://proxy.example.com/", "https://proxy.example.com/chat/completions", true)]
    [InlineData("https://proxy.example.com/a%20b/", "https://proxy.example.com/a%20b/chat/completions", true)]
    [InlineData("https://proxy.example.com/or/", "https://proxy.example.com/chat/completions", false)]
    [InlineData("http://localhost:5000/api/v1/", "http://localhost:5000/api/v1/chat/completions", true)]
    [InlineData("http://localhost:5000/api/v1/", "http://localhost:5001/api/v1/chat/completions", false)]
    public void Matches_OtherBaseAddress_IsTheOneThatCounts(string baseAddress, string address, bool matches) =>
        Assert.Equal(matches, Matches(HttpMethod.Post, address, new Uri(baseAddress)));

    [Fact]
    public void Matches_AddressMissingOrRelative_IsNotRecognised()
    {
        using var without = new HttpRequestMessage(HttpMethod.Post, (Uri?)null);
        using var relative = new HttpRequestMessage(HttpMethod.Post, new Uri("chat/completions", UriKind.Relative));

        Assert.False(InferenceEndpoints.Matches(without, BaseAddress));
        Assert.False(InferenceEndpoints.Matches(relative, BaseAddress));
    }

    private static bool Matches(HttpMethod method, string address, Uri? baseAddress = null)
    {
        using var request = new HttpRequestMessage(method, address);
        return InferenceEndpoints.Matches(request, baseAddress ?? BaseAddress);
    }
}
