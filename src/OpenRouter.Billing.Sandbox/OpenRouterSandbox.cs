using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace OpenRouter.Billing.Sandbox;

/// <summary>
/// An OpenRouter on 127.0.0.1 that meters, bills and refuses like the real one, without a key and without spending
/// money. Thread-safe. It never contacts openrouter.ai.
/// </summary>
public sealed class OpenRouterSandbox : IAsyncDisposable
{
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(2);

    private readonly OpenRouterSandboxOptions _options;
    private readonly KeyRing _ring = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly SandboxApplication _application;
    private readonly KestrelServer _server;
    private int _disposed;

    private OpenRouterSandbox(OpenRouterSandboxOptions options)
    {
        options.Validate();
        _options = options;
        _application = new SandboxApplication(options, _ring, new ModelCatalog(options.Models), _stopping.Token);
        _server = new KestrelServer(
            Options.Create(ServerOptions(options.Port)),
            new SocketTransportFactory(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance),
            NullLoggerFactory.Instance);
        Account = CreateAccount(options.InitialCredits);
        ApiKey = Account.CreateKey(new SandboxKeyOptions { Secret = options.ApiKey }).Secret;
        ManagementKey = Account.CreateKey(new SandboxKeyOptions { Secret = options.ManagementKey, IsManagementKey = true }).Secret;
    }

    /// <summary>Gets the address to use in place of <c>https://openrouter.ai/api/v1/</c>, with a slash at its end.</summary>
    public Uri BaseAddress { get; private set; } = new("http://127.0.0.1/");

    /// <summary>Gets the default account's ordinary key.</summary>
    public string ApiKey { get; }

    /// <summary>Gets the default account's management key, which reads <c>/credits</c> and <c>/activity</c>.</summary>
    public string ManagementKey { get; }

    /// <summary>Gets the default account.</summary>
    public SandboxAccount Account { get; }

    /// <summary>Gets the faults that the sandbox plays.</summary>
    public SandboxFaults Faults => _application.Faults;

    /// <summary>Gets what the sandbox has received.</summary>
    public SandboxRequests Requests => _application.Requests;

    /// <summary>Starts a sandbox, which runs until it is disposed.</summary>
    /// <param name="configure">Changes the settings; <see langword="null"/> (the default) leaves them as they are.</param>
    /// <param name="cancellationToken">Ends the start, not the sandbox.</param>
    /// <exception cref="ArgumentException">A setting is out of its range, or a model is listed twice.</exception>
    /// <exception cref="IOException">The port is in use.</exception>
    public static async Task<OpenRouterSandbox> StartAsync(Action<OpenRouterSandboxOptions>? configure = null, CancellationToken cancellationToken = default)
    {
        OpenRouterSandboxOptions options = new();
        configure?.Invoke(options);
        OpenRouterSandbox sandbox = new(options);
        try
        {
            await sandbox.ListenAsync(cancellationToken).ConfigureAwait(false);
            return sandbox;
        }
        catch
        {
            await sandbox.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Opens another account, with keys and credits of its own.</summary>
    /// <param name="initialCredits">US dollars purchased before the first request; 0 (the default) for an account that never purchased credits.</param>
    /// <param name="userId">The owner's id, which error bodies carry as <c>user_id</c>; <see langword="null"/> (the default) for a random one.</param>
    /// <param name="organizationId">The organization that owns the account; <see langword="null"/> (the default) for a personal account.</param>
    public SandboxAccount CreateAccount(decimal initialCredits = 0, string? userId = null, string? organizationId = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(initialCredits);
        return new SandboxAccount(initialCredits, (userId, organizationId), _options, _ring);
    }

    /// <summary>Computes what a request would be counted and charged, without making it.</summary>
    /// <param name="requestBody">The JSON body of a completion.</param>
    /// <exception cref="ArgumentException">The body would be refused with 400; the message says why.</exception>
    public SandboxQuote Quote(string requestBody)
    {
        (SandboxQuote? quote, Refusal? refusal) = _application.Inference.Price(requestBody);
        return quote ?? throw new ArgumentException(refusal!.Message, nameof(requestBody));
    }

    /// <summary>Stops the sandbox: requests that hang or wait at a gate are cut.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        using (CancellationTokenSource grace = new(StopGrace))
        {
            await _server.StopAsync(grace.Token).ConfigureAwait(false);
        }

        _server.Dispose();
        _stopping.Dispose();
    }

    private KestrelServerOptions ServerOptions(int port)
    {
        KestrelServerOptions kestrel = new() { AddServerHeader = false };
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Listen(IPAddress.Loopback, port, listen => listen.Use(next => connection =>
        {
            Requests.AddConnection();
            return next(connection);
        }));
        return kestrel;
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        await _server.StartAsync(_application, cancellationToken).ConfigureAwait(false);
        Uri bound = new(_server.Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{bound.Port}{SandboxApplication.BasePath}/"));
    }
}
