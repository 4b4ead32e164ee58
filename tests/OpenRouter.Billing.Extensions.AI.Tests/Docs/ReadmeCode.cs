using System.ClientModel;
using System.ClientModel.Primitives;
using Microsoft.Extensions.AI;
using OpenAI.Chat;

namespace OpenRouter.Billing.Extensions.AI.Tests.Docs;

/// <summary>The code of the READMEs that is about chat clients, compiled.</summary>
public static class ReadmeCode
{
    public static async Task AskAsync(IChatClient client, IServiceProvider services)
    {
        IChatClient guarded = client.UseOpenRouterBillingGuard(services);

        ChatResponse answer = await guarded.GetResponseAsync("Hello", new ChatOptions { MaxOutputTokens = 200 });
        Console.WriteLine(answer.Usage?.AdditionalCounts?[BillingGuardChatClient.CostCount]); // billionths of a US dollar
    }

    public static IChatClient Wrap(ChatClient openAI, IServiceProvider services)
    {
        IChatClient guarded = openAI.AsIChatClient().UseOpenRouterBillingGuard(services, configure: options =>
        {
            options.WriteRaw = raw => raw is ChatCompletion whole ? ModelReaderWriter.Write(whole).ToMemory() : default;
            options.ReadFailure = fault => fault is ClientResultException failure ? new((System.Net.HttpStatusCode)failure.Status) : null;
        });
        return guarded;
    }
}
