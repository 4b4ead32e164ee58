using System.Net.Http.Headers;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace ChatGateway;

/// <summary>Signs in three users with one password that is made at start. An app of your own has something better.</summary>
public sealed class BasicAuthentication(IOptionsMonitor<BasicOptions> options, ILoggerFactory logger, UrlEncoder encoder) : AuthenticationHandler<BasicOptions>(options, logger, encoder)
{
    private static readonly string[] Users = ["alice", "bob", "admin"];

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (!AuthenticationHeaderValue.TryParse(Request.Headers.Authorization, out var header) || header.Scheme != "Basic" || !TryDecode(header.Parameter, out var text))
        {
            return Task.FromResult(AuthenticateResult.NoResult());
        }

        var user = Array.Find(Users, name => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes($"{name}:{Options.Password}"), text));
        if (user is null)
        {
            return Task.FromResult(AuthenticateResult.Fail("Wrong user or password."));
        }

        var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, user), new Claim(ClaimTypes.NameIdentifier, user)], Scheme.Name);
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme.Name)));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers.WWWAuthenticate = "Basic realm=\"ChatGateway\", charset=\"UTF-8\"";
        return Task.CompletedTask;
    }

    private static bool TryDecode(string? parameter, out byte[] text)
    {
        text = new byte[parameter?.Length ?? 0];
        var isText = Convert.TryFromBase64String(parameter ?? string.Empty, text, out var length);
        text = text[..length];
        return isText;
    }
}
