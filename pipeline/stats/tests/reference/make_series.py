#!/usr/bin/env python3
"""Reference values for series, trends and censored values, from R, SciPy and ruptures.

    apt-get install r-base-core && pip install scipy numpy ruptures
    python3 make_series.py > series.json
"""

import json
import math
import sys
from fractions import Fraction

import numpy as np
import ruptures
import scipy
from scipy import stats

from make_reference import r, vector


class NormalCost(ruptures.base.BaseCost):
    """Twice the negative log-likelihood of normal values, variance bounded below."""

    model = ""
    min_size = 2

    def fit(self, signal):
        self.signal = np.asarray(signal, dtype=float).reshape(-1, 1)
        self.x = self.signal.ravel()
        gaps = np.diff(np.unique(self.x))
        self.least = max(gaps.min() ** 2 / 12, (np.ptp(self.x) * 1e-6) ** 2)
        return self

    def error(self, start, end):
        v = np.var(self.x[start:end])
        w = max(v, self.least)
        return (end - start) * (math.log(2 * math.pi * w) + v / w)


def changepoints(rng):
    shapes = [
        [(100, 10, 1)],
        [(30, 20, 1), (170, 10, 1)],
        [(60, 10, 1), (60, 10, 4), (80, 10, 1)],
        [(50, 10, 1), (40, 13, 1), (50, 10, 1), (60, 16, 0.5)],
        [(20, 5, 0.2), (20, 6, 0.2), (20, 5, 0.2), (20, 6, 0.2)],
    ]
    cases = []
    for shape in shapes:
        x = np.concatenate([rng.normal(mean, sd, n) for n, mean, sd in shape])
        for rounded in (x, np.round(x, 1)):
            for factor in (3.0, 15.0):
                for least in (2, 5):
                    cost = NormalCost()
                    cost.min_size = least
                    pelt = ruptures.Pelt(custom_cost=cost, min_size=least, jump=1)
                    ends = pelt.fit(rounded).predict(pen=factor * math.log(len(x)))
                    cases.append(
                        {
                            "x": [float(v) for v in rounded],
                            "factor": factor,
                            "least": least,
                            "changes": [int(e) for e in ends[:-1]],
                        }
                    )
    return cases


def kendall_depth(n, level):
    """Rank of the lower slope, from the exact distribution of inversions."""
    counts = [1]
    for i in range(2, n + 1):
        longer = [0] * (len(counts) + i - 1)
        for at, count in enumerate(counts):
            for shift in range(i):
                longer[at + shift] += count
        counts = longer
    tail, total, depth = Fraction(0), math.factorial(n), 0
    for count in counts:
        tail += Fraction(count, total)
        if float(tail) > (1 - level) / 2:
            return depth
        depth += 1


def trends(rng):
    cases = []
    for n, slope, digits in [(5, 0, 9), (8, 0.3, 9), (20, 0.05, 9), (49, 0, 9), (49, 0.02, 1), (80, 0.01, 9), (200, 0, 1)]:
        x = np.round(10 + slope * np.arange(n) + rng.normal(0, 1, n), digits)
        v = vector(x)
        ties = len(np.unique(x)) < n
        exact = n < 50 and not ties
        test = r(
            [
                f"t <- cor.test({v}, 1:{n}, method = 'kendall', exact = {'TRUE' if exact else 'FALSE'}); "
                "c(t$estimate, t$p.value)"
            ]
        )[0]
        slopes = np.sort([(x[j] - x[i]) / (j - i) for i in range(n) for j in range(i + 1, n)])
        case = {"x": [float(e) for e in x], "tau": test[0], "p": test[1], "level": 0.95}
        case["slope"] = float(stats.theilslopes(x)[0])
        if exact:
            depth = kendall_depth(n, 0.95)
        else:
            _, reps = np.unique(x, return_counts=True)
            variance = (n * (n - 1) * (2 * n + 5) - sum(k * (k - 1) * (2 * k + 5) for k in reps)) / 18
            depth = math.floor((len(slopes) - stats.norm.ppf(0.975) * math.sqrt(variance)) / 2)
        case["low"], case["high"] = float(slopes[depth - 1]), float(slopes[-depth])
        cases.append(case)
    return cases


def censored(rng):
    cases = []
    for n in (8, 30, 60):
        x = np.round(rng.lognormal(0, 0.7, n), 1)
        limits = np.where(rng.random(n) < 0.5, 1.0, 0.5)
        below = x < limits
        shown = np.where(below, limits, x)
        # From above: a left-censored value is a right-censored one of the other sign.
        data = stats.CensoredData.right_censored(-shown, below)
        sf = stats.ecdf(data).sf
        cdf = stats.ecdf(data).cdf
        values = np.unique(shown[~below])
        # P(X <= v) = P(-X >= v'), which is sf just before -v.
        before = [float(sf.evaluate(np.nextafter(-v, -np.inf))) for v in values]
        assert cdf is not None
        cases.append(
            {
                "values": [float(v) for v in shown],
                "below": [bool(b) for b in below],
                "at": [float(v) for v in values],
                "fraction": before,
            }
        )
    return cases


def effective(rng):
    """Geyer's initial positive sequence on R's autocorrelations."""
    cases = []
    for phi, n in [(0.0, 60), (0.5, 200), (0.9, 400), (-0.6, 50)]:
        x = np.zeros(n)
        for i in range(1, n):
            x[i] = phi * x[i - 1] + rng.normal()
        rho = r([f"as.numeric(acf({vector(x)}, lag.max = {n - 1}, plot = FALSE)$acf)"])[0]
        total = 0.0
        for k in range(0, n - 1, 2):
            pair = rho[k] + rho[k + 1]
            if pair <= 0:
                break
            total += pair
        cases.append({"x": [float(e) for e in x], "effective_n": n / max(2 * total - 1, 1.0)})
    return cases


def outliers(rng):
    cases = []
    for x in (rng.normal(10, 1, 40), np.concatenate([rng.normal(10, 1, 30), [18.0, 30.0, -5.0, 13.6]]), rng.lognormal(0, 1, 60)):
        for scale in ("plain", "log"):
            if scale == "log" and x.min() <= 0:
                continue
            y = np.log(x) if scale == "log" else x
            low, high, median, mad = r(
                [f"v <- {vector(y)}; c(quantile(v, c(0.25, 0.75), type = 7), median(v), mad(v, constant = 1))"]
            )[0]
            reach = high - low
            tukey = [2 if v < low - 3 * reach or v > high + 3 * reach else 1 if v < low - 1.5 * reach or v > high + 1.5 * reach else 0 for v in y]
            z = np.abs(0.6745 * (y - median) / mad)
            cases.append(
                {
                    "x": [float(v) for v in x],
                    "scale": scale,
                    "tukey": tukey,
                    "modified_z": [int(v > 3.5) + int(v > 7) for v in z],
                }
            )
    return cases


def main():
    rng = np.random.default_rng(20240301)
    reference = {
        "made_with": {"ruptures": ruptures.version.__version__, "scipy": scipy.__version__},
        "changepoints": changepoints(rng),
        "trends": trends(rng),
        "censored": censored(rng),
        "effective": effective(rng),
        "outliers": outliers(rng),
    }
    json.dump(reference, sys.stdout, separators=(",", ":"), allow_nan=False)
    print()


if __name__ == "__main__":
    main()
