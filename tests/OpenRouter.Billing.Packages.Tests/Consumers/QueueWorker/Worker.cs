using Microsoft.Extensions.AI;
using OpenRouter.Billing.Foresight;
using OpenRouter.Billing.Guard;

namespace QueueWorker;

internal sealed class Worker(IServiceProvider services, IBillingGuard guard, IBillingForecaster forecaster, IHostApplicationLifetime lifetime) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await WorkAsync(stoppingToken);
        }
        finally
        {
            lifetime.StopApplication();
        }
    }

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        var model = new EchoChatClient();
        using var chat = model.UseOpenRouterBillingGuard(services);
        var options = new ChatOptions { ModelId = "openai/gpt-4o-mini" };

        var answer = await chat.GetResponseAsync("hello", options, cancellationToken);
        Console.WriteLine($"admitted: {answer.Text}");
        await guard.ReserveAsync(new BillableRequest { Model = options.ModelId }, cancellationToken);
        try
        {
            await chat.GetResponseAsync("hello", options, cancellationToken);
        }
        catch (BillingGuardException refusal)
        {
            Console.WriteLine($"refused: {refusal.GetType().Name}, chats sent: {model.Asked}");
        }

        Console.WriteLine($"alert: {(await Warnings.First).Kind}");
        Console.WriteLine($"forecast: {(await forecaster.ForecastAsync(cancellationToken)).Outcome}");
    }
}
