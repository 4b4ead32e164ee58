using BenchmarkDotNet.Running;
using OpenRouter.Billing.Benchmarks;

BenchmarkSwitcher.FromAssembly(typeof(Inputs).Assembly).Run(args, new RatioConfig());
