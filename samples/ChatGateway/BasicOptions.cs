using Microsoft.AspNetCore.Authentication;

namespace ChatGateway;

/// <summary>The password of <see cref="BasicAuthentication"/>.</summary>
public sealed class BasicOptions : AuthenticationSchemeOptions
{
    public string Password { get; set; } = string.Empty;
}
