namespace OpenRouter.Billing.Packages.Tests.Packages;

/// <summary>What becomes of a program before it runs.</summary>
public enum Publishing
{
    /// <summary>It is built and runs on the installed runtime.</summary>
    None,

    /// <summary>It is published with its runtime, and what it does not use is left out.</summary>
    Trimmed,

    /// <summary>It is published as native code.</summary>
    Aot,
}
