#!/usr/bin/env python3
"""Reference values for the tests of vnicbench-stats, from R and SciPy.

    apt-get install r-base-core && pip install scipy numpy
    python3 make_reference.py > reference.json

Data are drawn once from a fixed seed and written beside what R and SciPy make of
them, so that the tests need neither. Where both know a method, R is asked.
"""

import json
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import scipy
from scipy import stats


def r(expressions):
    """Evaluates R expressions; one list of floats each."""
    script = "options(digits = 17, warn = -1)\n" + "\n".join(
        f'cat(sprintf("%.17g", {{ {e} }}), "\\n")' for e in expressions
    )
    out = subprocess.run(
        ["Rscript", "--vanilla", "-"], input=script, text=True, capture_output=True, check=True
    ).stdout
    lines = out.strip().split("\n")
    assert len(lines) == len(expressions), (len(lines), len(expressions))
    return [[float(word) for word in line.split()] for line in lines]


def vector(values):
    return "c(" + ",".join(repr(float(v)) for v in values) + ")"


def table(formula, rows):
    """Each row with R's value of the formula behind it."""
    values = r([formula.format(*map(repr, row)) for row in rows])
    return [[*row, value[0]] for row, value in zip(rows, values)]


def distribution():
    tails = [0.4, 0.25, 0.05, 0.025, 0.005, 1e-4]
    dfs = [1, 2, 2.5, 3, 7, 19, 99, 999, 1000, 1001, 1e4, 1e6, 1e8]
    betas = [(1, 1), (0.5, 0.5), (2, 5), (8, 1), (1, 1000), (30, 70), (3, 1e6), (5e5, 5e5), (400, 9600)]
    points = [1e-300, 1e-12, 0.001, 0.025, 0.3, 0.5, 0.61, 0.975, 0.9999, 1 - 1e-12]
    return {
        "normal_quantile": [row for row in table("qnorm({})", [[p] for p in points]) if row[-1] != 0],
        "normal_cdf": table("pnorm({})", [[x] for x in [-30.0, -8.0, -1.96, -0.1, 0.0, 0.3, 2.5, 6.0]]),
        "student_critical": table("qt({}, {}, lower.tail = FALSE)", [[q, float(d)] for q in tails for d in dfs]),
        "beta_lower": table("qbeta({}, {}, {})", [[q, float(a), float(b)] for q in tails for a, b in betas]),
        "beta_upper": table(
            "qbeta({}, {}, {}, lower.tail = FALSE)", [[q, float(a), float(b)] for q in tails for a, b in betas]
        ),
        "binomial_cdf": table(
            "pbinom({}, {}, {})",
            [[0, 6, 0.5], [1, 8, 0.5], [3, 10, 0.3], [360, 368, 0.99], [4890, 10000, 0.5], [980, 1000, 0.99],
             [499000, 1000000, 0.5], [0, 100, 0.01], [10, 10, 0.2]],
        ),
        "chi_squared_tail": table(
            "pchisq({}, {}, lower.tail = FALSE)",
            [[0.1, 1.0], [3.84, 1.0], [10.0, 10.0], [55.0, 20.0], [300.0, 10.0], [2.0, 40.0]],
        ),
    }


def samples(rng):
    yield rng.normal(10, 2, 6)
    yield rng.lognormal(0, 1, 8)
    yield np.where(rng.random(12) < 0.5, rng.normal(1, 0.1, 12), rng.normal(2, 0.1, 12))
    yield np.round(rng.lognormal(-1, 0.3, 20), 1)
    yield rng.standard_t(3, 25) + 40
    yield rng.lognormal(3, 0.5, 49)
    yield rng.lognormal(3, 0.5, 120)
    yield rng.normal(1e9, 1, 30)


def one_sample(rng):
    cases = []
    for x in samples(rng):
        for level in (0.9, 0.95, 0.99):
            v = vector(x)
            mean, mean_ci = r([f"mean({v})", f"t.test({v}, conf.level = {level})$conf.int"])
            quantiles = []
            for p in (0.1, 0.5, 0.75):
                n, tail = len(x), (1 - level) / 2
                # Ranks straight from the definition, on SciPy's binomial.
                low = max((k for k in range(1, n + 1) if stats.binom.cdf(k - 1, n, p) <= tail), default=None)
                high = min((k for k in range(1, n + 1) if stats.binom.sf(k - 1, n, p) <= tail), default=None)
                case = {"p": p, "value": float(np.quantile(x, p)), "low": None, "high": None, "achieved": None}
                if low and high:
                    ordered = np.sort(x)
                    case |= {
                        "low": float(ordered[low - 1]),
                        "high": float(ordered[high - 1]),
                        "achieved": float(stats.binom.cdf(high - 1, n, p) - stats.binom.cdf(low - 1, n, p)),
                    }
                quantiles.append(case)
            cases.append(
                {
                    "x": [float(v) for v in x],
                    "level": level,
                    "mean": mean[0],
                    "mean_low": mean_ci[0],
                    "mean_high": mean_ci[1],
                    "quantiles": quantiles,
                }
            )
    return cases


def proportions():
    cases = []
    for events, total in [(0, 10), (1, 10), (5, 10), (10, 10), (0, 100000), (3, 100000), (99999, 100000), (137, 2000)]:
        for level in (0.9, 0.95, 0.99):
            test = stats.binomtest(events, total)
            wilson = test.proportion_ci(level, "wilson")
            exact = r([f"binom.test({events}, {total}, conf.level = {level})$conf.int"])[0]
            cases.append(
                {
                    "events": events,
                    "total": total,
                    "level": level,
                    "wilson": [float(wilson.low), float(wilson.high)],
                    "clopper_pearson": exact,
                }
            )
    return cases


def two_samples(rng):
    """Paired and unpaired wilcox.test, of logarithms and of plain values."""
    cases = []
    for n, spread in [(6, 0.1), (8, 0.3), (10, 1.0), (20, 0.5), (45, 0.2)]:
        a, b = rng.lognormal(1, spread, n), rng.lognormal(0.7, spread, n)
        for level in (0.9, 0.95, 0.98 if n == 6 else 0.99):
            if level > 1 - 2 ** (1 - n):
                continue
            va, vb = vector(a), vector(b)
            tests = r(
                [
                    f"t <- wilcox.test({x}, {y}, paired = {paired}, exact = TRUE, conf.int = TRUE, "
                    f"conf.level = {level}); c(t$estimate, t$conf.int)"
                    for x, y, paired in [
                        (f"log({va})", f"log({vb})", "TRUE"),
                        (va, vb, "TRUE"),
                        (f"log({va})", f"log({vb})[-1]", "FALSE"),
                        (va, f"{vb}[-1]", "FALSE"),
                    ]
                ]
            )
            cases.append(
                {
                    "a": [float(v) for v in a],
                    "b": [float(v) for v in b],
                    "level": level,
                    "paired_ratio": [float(v) for v in np.exp(tests[0])],
                    "paired_difference": tests[1],
                    "ratio_without_first_b": [float(v) for v in np.exp(tests[2])],
                    "difference_without_first_b": tests[3],
                }
            )
    return cases


def depths():
    """Ranks by R's exact null distributions, on both sides of where the crate approximates."""
    signed = [[n, level, r([f"qsignrank({(1 - level) / 2!r}, {n})"])[0][0]] for n in (51, 80, 120, 130, 200) for level in (0.95, 0.99)]
    whitney = [
        [m, n, level, r([f"qwilcox({(1 - level) / 2!r}, {m}, {n})"])[0][0]]
        for m, n in ((51, 51), (10, 60), (60, 60), (80, 60), (100, 140))
        for level in (0.95, 0.99)
    ]
    return {"signed_rank": signed, "mann_whitney": whitney}


def bca(rng):
    cases = []
    for statistic in (np.mean, np.median, lambda x, axis: np.std(x, axis=axis)):
        x = rng.lognormal(0, 1, 25)
        replicates = statistic(rng.choice(x, (499, 25)), axis=1)
        value = float(statistic(x, axis=0))
        jackknife = [float(statistic(np.delete(x, i), axis=0)) for i in range(25)]
        for level in (0.9, 0.95):
            given = SimpleNamespace(bootstrap_distribution=replicates)
            ends = {
                method: stats.bootstrap(
                    (x,), statistic, n_resamples=0, bootstrap_result=given, confidence_level=level, method=method
                ).confidence_interval
                for method in ("BCa", "percentile")
            }
            cases.append(
                {
                    "level": level,
                    "value": value,
                    "replicates": [float(v) for v in replicates],
                    "jackknife": jackknife,
                    "bca_low": float(ends["BCa"].low),
                    "bca_high": float(ends["BCa"].high),
                    "percentile_low": float(ends["percentile"].low),
                    "percentile_high": float(ends["percentile"].high),
                }
            )
    return cases


def series(rng):
    cases = []
    for phi, n in [(0.0, 50), (0.5, 200), (0.9, 300), (-0.6, 40)]:
        x = np.zeros(n)
        for i in range(1, n):
            x[i] = phi * x[i - 1] + rng.normal()
        v = vector(x)
        acf, box = r(
            [
                f"as.numeric(acf({v}, lag.max = 12, plot = FALSE)$acf)",
                f't <- Box.test({v}, lag = 10, type = "Ljung-Box"); c(t$statistic, t$p.value)',
            ]
        )
        cases.append({"x": [float(e) for e in x], "acf": acf, "q": box[0], "p": box[1]})
    return cases


def main():
    rng = np.random.default_rng(20240229)
    reference = {
        "made_with": {
            "R": subprocess.run(
                ["Rscript", "--vanilla", "-e", "cat(R.version$major, R.version$minor, sep = '.')"],
                text=True, capture_output=True, check=True,
            ).stdout,
            "scipy": scipy.__version__,
            "numpy": np.__version__,
        },
        "distribution": distribution(),
        "one_sample": one_sample(rng),
        "proportions": proportions(),
        "two_samples": two_samples(rng),
        "depths": depths(),
        "bca": bca(rng),
        "series": series(rng),
    }
    json.dump(reference, sys.stdout, separators=(",", ":"), allow_nan=False)
    print()


if __name__ == "__main__":
    main()
