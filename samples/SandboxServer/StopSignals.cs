using System.Runtime.InteropServices;

namespace SandboxServer;

/// <summary>Ctrl+C and the stop that service managers send, so that the sandbox closes its connections before it goes.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly TaskCompletionSource _received = new();
    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _terminate;

    public StopSignals()
    {
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
    }

    public Task Received => _received.Task;

    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
    }

    private void Stop(PosixSignalContext signal)
    {
        signal.Cancel = true;
        _received.TrySetResult();
    }
}
