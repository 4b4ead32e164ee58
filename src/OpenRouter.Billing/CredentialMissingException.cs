namespace OpenRouter.Billing;

/// <summary>A call needs a key that the options do not have; nothing was sent.</summary>
public sealed class CredentialMissingException : OpenRouterBillingException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="call">The call that needs the key, such as <c>GET /credits</c>.</param>
    /// <param name="optionName">The property of <see cref="OpenRouterBillingOptions"/> to set.</param>
    public CredentialMissingException(string call, string optionName)
        : base($"{call} needs {Describe(optionName)}: set {nameof(OpenRouterBillingOptions)}.{optionName}. Nothing was sent.") =>
        OptionName = optionName;

    /// <summary>Gets the property of <see cref="OpenRouterBillingOptions"/> to set.</summary>
    public string OptionName { get; }

    private static string Describe(string optionName) =>
        optionName == nameof(OpenRouterBillingOptions.ManagementKey) ? "a management key" : "an inference key";
}
