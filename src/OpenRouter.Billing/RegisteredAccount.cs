namespace OpenRouter.Billing;

/// <summary>Notes that an account is registered, so that a second registration changes nothing but options.</summary>
internal sealed record RegisteredAccount(string Name)
{
    public override string ToString() => Name.Length == 0 ? "the unnamed one" : $"'{Name}'";
}
