#!/usr/bin/env python3
"""Reference values for what vnicbench-stats resamples, from R, SciPy and arch.

    apt-get install r-base-core && pip install scipy numpy arch
    python3 make_resampling.py > resampling.json

As make_reference.py, and apart from it so that neither's random numbers depend on the
other's.
"""

import json
import subprocess
import sys
from types import SimpleNamespace

import arch
import numpy as np
import scipy
from arch.bootstrap import optimal_block_length
from scipy import stats

from make_reference import r, vector


def numbers(values):
    return [float(v) for v in values]


STATISTICS = {
    "mean": lambda x, axis=-1: np.mean(x, axis=axis),
    "median": lambda x, axis=-1: np.median(x, axis=axis),
    "p90": lambda x, axis=-1: np.quantile(x, 0.9, axis=axis),
    "trimmed": lambda x, axis=-1: stats.trim_mean(x, 0.1, axis=axis),
}


def ends(data, statistic, replicates, level, method, **more):
    given = SimpleNamespace(bootstrap_distribution=replicates)
    interval = stats.bootstrap(
        data, statistic, n_resamples=0, bootstrap_result=given, confidence_level=level, method=method, **more
    ).confidence_interval
    return [float(interval.low), float(interval.high)]


def indices(rng):
    """Intervals from the same resamples, given by their indices."""
    cases = []
    for n in (12, 25):
        x = rng.lognormal(3, 1, n)
        rows = rng.integers(0, n, (400, n))
        made = {}
        for name, statistic in STATISTICS.items():
            replicates = statistic(x[rows])
            made[name] = {
                "value": float(statistic(x)),
                "bca": ends((x,), statistic, replicates, 0.95, "BCa"),
                "percentile": ends((x,), statistic, replicates, 0.95, "percentile"),
            }
        cases.append({"x": numbers(x), "rows": rows.tolist(), "made": made})
    return cases


def two(rng):
    """BCa of two samples, on the same replicates."""
    a, b = rng.lognormal(1, 0.5, 15), rng.lognormal(1.2, 0.8, 22)

    def ratio(a, b, axis=-1):
        return np.mean(a, axis=axis) / np.mean(b, axis=axis)

    replicates = ratio(rng.choice(a, (499, 15)), rng.choice(b, (499, 22)))
    return {
        "a": numbers(a),
        "b": numbers(b),
        "value": float(ratio(a, b)),
        "replicates": numbers(replicates),
        "bca": ends((a, b), ratio, replicates, 0.9, "BCa", vectorized=True),
    }


def distributions(rng):
    """SciPy's own replicates, to compare distributions by."""
    x = rng.lognormal(0, 1, 60)
    drawn = {
        name: np.sort(
            stats.bootstrap(
                (x,), STATISTICS[name], n_resamples=1000, method="percentile", rng=rng
            ).bootstrap_distribution
        )
        for name in ("mean", "median", "p90")
    }
    return {"x": numbers(x), **{name: numbers(values) for name, values in drawn.items()}}


def levels(rng):
    """Variances by level, repetitions and intervals from the formulas of Kalibera and Jones, in R."""
    cases = []
    for trials, intervals, packets in [(8, 5, 6), (3, 2, 4), (12, 4, 3)]:
        shape = (trials, intervals, packets)
        a, b = (
            centre
            + rng.normal(0, 2, (trials, 1, 1))
            + rng.normal(0, 1, (trials, intervals, 1))
            + rng.normal(0, 3, shape)
            for centre in (100, 120)
        )
        common = f"""
            x <- array({vector(a.ravel())}, c({packets}, {intervals}, {trials}))
            y <- array({vector(b.ravel())}, c({packets}, {intervals}, {trials}))
            m1 <- apply(x, c(2, 3), mean); m2 <- apply(m1, 2, mean)
            n1 <- apply(y, c(2, 3), mean); n2 <- apply(n1, 2, mean)
            S <- c(mean(apply(x, c(2, 3), var)), mean(apply(m1, 2, var)), var(m2))
            T <- S - c(0, S[1] / {packets}, S[2] / {intervals})
            half <- function(m) qt(0.975, {trials} - 1) * sqrt(var(m) / {trials})
        """
        biased, unbiased, mean, repetitions, ratio = r(
            [
                common + "S",
                "T",
                "c(mean(m2), mean(m2) - half(m2), mean(m2) + half(m2))",
                "ifelse(T[1:2] > 0 & T[2:3] > 0, ceiling(sqrt(c(10 / 0.5, 60 / 10) * T[1:2] / T[2:3])), -1)",
                """
                u <- mean(m2); v <- mean(n2); h <- half(m2); k <- half(n2)
                root <- sqrt((u * v)^2 - (u^2 - h^2) * (v^2 - k^2))
                c(u / v, (u * v - root) / (v^2 - k^2), (u * v + root) / (v^2 - k^2))
                """,
            ]
        )
        cases.append(
            {
                "a": a.tolist(),
                "b": b.tolist(),
                "biased": biased,
                "unbiased": unbiased,
                "costs": [0.5, 10.0, 60.0],
                "repetitions": repetitions,
                "mean": mean,
                "ratio": ratio,
            }
        )
    return cases


def blocks(rng):
    cases = []
    for phi, n in [(0.0, 100), (0.3, 500), (0.5, 200), (0.9, 300), (0.9, 2000), (-0.6, 150)]:
        x = np.zeros(n)
        for i in range(1, n):
            x[i] = phi * x[i - 1] + rng.normal()
        length = float(optimal_block_length(x)["stationary"].iloc[0])
        cases.append({"x": numbers(x), "length": max(1.0, length)})
    return cases


def main():
    rng = np.random.default_rng(20240301)
    reference = {
        "made_with": {
            "R": subprocess.run(
                ["Rscript", "--vanilla", "-e", "cat(R.version$major, R.version$minor, sep = '.')"],
                text=True, capture_output=True, check=True,
            ).stdout,
            "scipy": scipy.__version__,
            "numpy": np.__version__,
            "arch": arch.__version__,
        },
        "indices": indices(rng),
        "two": two(rng),
        "distributions": distributions(rng),
        "levels": levels(rng),
        "blocks": blocks(rng),
    }
    json.dump(reference, sys.stdout, separators=(",", ":"), allow_nan=False)
    print()


if __name__ == "__main__":
    main()
