using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.AspNetCore;

/// <summary>Begins a billing scope for each request, by what the request says of itself.</summary>
internal sealed class BillingScopeMiddleware(RequestDelegate next, BillingScopeOptions options)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (!TryRead(context, out var scope))
        {
            // Going on without a name would go on without its budget.
            await ProblemWriter.WriteAsync(context.Response, Problem(), context.RequestAborted).ConfigureAwait(false);
            return;
        }

        using (BillingScope.Begin(scope))
        {
            await next(context).ConfigureAwait(false);
        }
    }

    private bool TryRead(HttpContext context, out BillingScope scope)
    {
        try
        {
            scope = new BillingScope
            {
                Project = options.Project?.Read(context),
                Member = options.Member?.Read(context),
                Workspace = options.Workspace?.Read(context),
            };
        }
        catch (BadHttpRequestException)
        {
            scope = new BillingScope();
            return false;
        }

        return IsName(scope.Project) && IsName(scope.Member) && IsName(scope.Workspace);
    }

    // Names stand in the ledger, in refusals and on pages. What breaks lines, hides, or turns the direction of reading is no name.
    private bool IsName(string? name)
    {
        if (name is null)
        {
            return true;
        }

        if (name.Length > options.MaxNameLength || string.IsNullOrWhiteSpace(name))
        {
            return false;
        }

        foreach (var rune in name.EnumerateRunes())
        {
            if (rune == Rune.ReplacementChar || Rune.GetUnicodeCategory(rune) is
                UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned)
            {
                return false;
            }
        }

        return true;
    }

    private static ProblemDetails Problem() => new()
    {
        Type = "urn:openrouter-billing:invalid-scope",
        Title = "The request does not say in a valid way on whose behalf it is made.",
        Status = StatusCodes.Status400BadRequest,
    };
}
