namespace OpenRouter.Billing.Tests.Api.ModelCatalog;

public sealed class ModelSlugTests
{
    [Theory]
    [InlineData("a/b:free", true)]
    [InlineData("a/b:free:online", true)]
    [InlineData("a/b:online:free", true)]
    [InlineData("openrouter/free", true)]
    [InlineData("openrouter/free:online", true)]
    [InlineData("a/b", false)]
    [InlineData("a/b:freeze", false)]
    [InlineData("a/b:unfree", false)]
    [InlineData("a/free", false)]
    [InlineData("free", false)]
    [InlineData("free:", false)]
    [InlineData(":free", true)]
    [InlineData("a/b:", false)]
    [InlineData("", false)]
    [InlineData("openrouter/free-for-all", false)]
    [InlineData("openrouter/auto", false)]
    [InlineData("@preset/free", false)]
    [InlineData("@preset/a:free", false)]
    [InlineData("a/b@preset/c:free", false)]
    [InlineData("a/b:free@preset/c", false)]
    [InlineData(null, false)]
    public void IsFree_Slug_IsAVariantOrTheFreeRouter(string? slug, bool isFree) => Assert.Equal(isFree, ModelSlug.IsFree(slug));

    [Theory]
    [InlineData("a/b:online", true)]
    [InlineData("a/b:free:online", true)]
    [InlineData("a/b:online:free", true)]
    [InlineData("a/b:onlines", false)]
    [InlineData("a/online", false)]
    [InlineData("a/b", false)]
    [InlineData(null, false)]
    public void HasPaidVariant_Slug_IsASearch(string? slug, bool hasPaidVariant) => Assert.Equal(hasPaidVariant, ModelSlug.HasPaidVariant(slug));
}
