using System.Security.Cryptography;

namespace OpenRouter.Billing.AspNetCore;

/// <summary>A file that the page needs, out of the assembly.</summary>
internal sealed class DashboardFile
{
    private static readonly Dictionary<string, DashboardFile> All = new(StringComparer.Ordinal)
    {
        ["dashboard.css"] = new("dashboard.css", "text/css; charset=utf-8"),
        ["dashboard.js"] = new("dashboard.js", "text/javascript; charset=utf-8"),
        ["icon.svg"] = new("icon.svg", "image/svg+xml"),
    };

    private DashboardFile(string name, string contentType)
    {
        using var stream = typeof(DashboardFile).Assembly.GetManifestResourceStream(name)!;
        Content = new byte[stream.Length];
        stream.ReadExactly(Content);
        ContentType = contentType;
        ETag = $"\"{Convert.ToHexString(SHA256.HashData(Content))[..16]}\"";
    }

    public byte[] Content { get; }

    public string ContentType { get; }

    public string ETag { get; }

    public static DashboardFile? Find(string name) => All.GetValueOrDefault(name);
}
