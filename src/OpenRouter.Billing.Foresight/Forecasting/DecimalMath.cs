namespace OpenRouter.Billing.Foresight;

/// <summary>Roots, logarithms and powers of decimals, to some 15 digits.</summary>
internal static class DecimalMath
{
    private const int Terms = 20;

    public static decimal Sqrt(decimal value)
    {
        if (value <= 0)
        {
            return 0;
        }

        // From above, each step of Newton's comes closer until the digits are used up.
        var root = Math.Max(value, 1);
        while (true)
        {
            var next = (root + (value / root)) / 2;
            if (next >= root)
            {
                return root;
            }

            root = next;
        }
    }

    /// <summary>The natural logarithm of a number of 1 or more.</summary>
    public static decimal Log(decimal value)
    {
        var doublings = 0;
        while (value > 1.2m)
        {
            value = Sqrt(value);
            doublings++;
        }

        var ratio = (value - 1) / (value + 1);
        var (power, sum) = (ratio, 0m);
        for (var term = 1; term < Terms; term += 2)
        {
            sum += power / term;
            power *= ratio * ratio;
        }

        return 2 * sum * (1L << doublings);
    }

    /// <summary>The power of e, for exponents from 0 to 60.</summary>
    public static decimal Exp(decimal exponent)
    {
        var halvings = 0;
        while (exponent > 0.5m)
        {
            exponent /= 2;
            halvings++;
        }

        var (term, sum) = (1m, 1m);
        for (var index = 1; index < Terms; index++)
        {
            term *= exponent / index;
            sum += term;
        }

        for (; halvings > 0; halvings--)
        {
            sum *= sum;
        }

        return sum;
    }
}
