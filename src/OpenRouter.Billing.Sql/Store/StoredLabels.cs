using System.Security.Cryptography;
using System.Text;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Sql;

/// <summary>Labels as tables keep them, and the digest that they are found by.</summary>
internal sealed record StoredLabels(string? Project, string? Member, string? Workspace, string? KeyHash, string? Model)
{
    public static StoredLabels Of(in SpendLabels labels) => new(Fit(labels.Project), Fit(labels.Member), Fit(labels.Workspace), Fit(labels.KeyHash), Fit(labels.Model));

    public byte[] Digest()
    {
        // Lengths first, so that no two sets of labels read alike; -1 tells no label from an empty one.
        var text = new StringBuilder();
        foreach (var label in (string?[])[Project, Member, Workspace, KeyHash, Model])
        {
            text.Append(label?.Length ?? -1).Append(':').Append(label);
        }

        return SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()));
    }

    private static string? Fit(string? label) => label is null ? null : StoredText.Fit(label);
}
