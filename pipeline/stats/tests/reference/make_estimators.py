#!/usr/bin/env python3
"""Reference values for the estimators of one and two samples, from R and SciPy.

    apt-get install r-base-core && pip install scipy numpy
    python3 make_estimators.py > estimators.json

As make_reference.py; apart from it so that neither's data move when the other grows.
"""

import json
import sys
from decimal import Decimal, getcontext

import numpy as np
from scipy import optimize, special, stats

from make_reference import r, table, vector

LEVELS = (0.9, 0.95, 0.99)


def noncentrality(t, df, tail):
    """Ends of the interval of the noncentrality, by Gauss's rule on a thousand panels over
    s = chi / sqrt(df). SciPy's nct is NaN for some of these arguments and R's pt stops at a
    noncentrality of 37; where R has a value it is checked to agree."""
    t, df = float(t), float(df)
    nodes, weights = np.polynomial.legendre.leggauss(20)
    reach = min(9.5 / np.sqrt(2 * df), 12)
    edges = np.linspace(max(0.0, 1 - reach), 1 + reach, 1001)
    half = np.diff(edges)[:, None] / 2
    s = edges[:-1, None] + half * (1 + nodes)
    front = np.log(2) + df / 2 * np.log(df / 2) - special.gammaln(df / 2)
    density = np.exp(front + (df - 1) * np.log(s) - df * s * s / 2) * half * weights
    above = lambda d: np.log(np.sum(density * special.ndtr(d - t * s)) / tail)
    below = lambda d: np.log(np.sum(density * special.ndtr(t * s - d)) / tail)
    spread = np.sqrt(1 + t * t / (2 * df))
    z = stats.norm.isf(tail) * spread
    root = lambda f, x: float(optimize.brentq(f, x - 4 * spread, x + 4 * spread, xtol=1e-14, rtol=1e-14))
    low, high = root(above, float(t - z)), root(below, float(t + z))
    if max(abs(low), abs(high)) < 37:
        checks = r([f"pt({t!r}, {df!r}, {low!r}, lower.tail = FALSE)", f"pt({t!r}, {df!r}, {high!r})"])
        assert np.allclose(np.ravel(checks), tail, rtol=1e-7), (t, df, tail, checks)
    return low, high


def distribution():
    tails = [0.4, 0.05, 0.025, 0.005, 1e-6]
    dfs = [1.0, 2.0, 3.0, 5.5, 10.0, 19.0, 99.0, 1000.0, 1e5, 1e7]
    chi = [[q, d] for q in tails for d in dfs]
    points = [(t, d) for t in (0.0, 0.3, -1.5, 3.2, 12.0, -40.0, 250.0) for d in (2.0, 5.0, 18.0, 198.0, 3000.0)]
    ends = [[t, d, q, *noncentrality(t, d, q)] for t, d in points for q in (0.05, 0.005)]
    return {
        "chi_squared_lower": table("qchisq({}, {})", chi),
        "chi_squared_upper": table("qchisq({}, {}, lower.tail = FALSE)", chi),
        "student_above": table(
            "pt({}, {}, lower.tail = FALSE)",
            [[t, d] for t in (-50.0, -2.0, -1e-3, 0.0, 0.7, 4.0, 30.0) for d in (1.0, 2.3, 9.0, 150.0, 1e4, 1e6)],
        ),
        "noncentrality_low": [row[:4] for row in ends],
        "noncentrality_high": [[*row[:3], row[4]] for row in ends],
    }


def families():
    cases = []
    for p, members in [
        ([0.01, 0.04, 0.03, 0.005], 4),
        ([0.5, 1e-12, 0.02, 0.02, 0.9, 1.0, 0.0], 7),
        ([0.01, 0.04, 0.03], 5),
        ([0.3], 1),
    ]:
        holm, bh, bonferroni = r(
            [f'p.adjust({vector(p)}, "{m}", n = {members})' for m in ("holm", "BH", "bonferroni")]
        )
        sidak = r([f"-expm1({members} * log1p(-{vector(p)}))"])[0]
        cases.append({"p": p, "members": members, "holm": holm, "bh": bh, "bonferroni": bonferroni, "sidak": sidak})
    return cases


def fieller(x, y, vx, vy, c, t):
    """Leading coefficient and roots of the quadratic as it is written, in 40 digits."""
    getcontext().prec = 40
    x, y, vx, vy, c, t = (Decimal(float(v)) for v in (x, y, vx, vy, c, t))
    a, b, k = y * y - t * t * vy, x * y - t * t * c, x * x - t * t * vx
    disc = b * b - a * k
    if disc < 0:
        return float(a), None
    return float(a), sorted([float((b - disc.sqrt()) / a), float((b + disc.sqrt()) / a)])


def welch_df(x, y, ratio=1.0):
    vx, vy = np.var(x, ddof=1) / len(x), ratio**2 * np.var(y, ddof=1) / len(y)
    return (vx + vy) ** 2 / (vx**2 / (len(x) - 1) + vy**2 / (len(y) - 1))


def pairs(rng):
    for n, spread in [(6, 0.1), (8, 0.3), (10, 1.0), (30, 0.5), (70, 0.2)]:
        yield rng.lognormal(1, spread, n), rng.lognormal(0.9, spread, n)
    # Ties and zeros.
    yield np.round(rng.normal(10, 2, 12)), np.round(rng.normal(9, 2, 12))
    yield np.round(rng.normal(10, 3, 40)), np.round(rng.normal(9, 3, 40))
    # A denominator that may be zero.
    yield rng.normal(3, 1, 8), rng.normal(0.1, 1, 8)
    yield rng.normal(0.2, 1, 6), rng.normal(-0.1, 1, 6)
    yield rng.normal(1e6, 10, 20), rng.normal(1e6 + 5, 20, 20)


def two_samples(rng):
    cases = []
    for a, b in pairs(rng):
        va, vb, n = vector(a), vector(b), len(a)
        ties = len(set(np.abs(a - b))) < n or (a == b).any()
        # The crate counts exactly up to 120 values.
        ranked = "FALSE" if len(set([*a, *b])) < 2 * n or 2 * n - 1 > 120 else "TRUE"
        case = {"a": list(map(float, a)), "b": list(map(float, b))}
        for name, test in {
            # One value of b less: nothing may depend on equal sizes.
            "welch": f"t.test({va}, {vb}[-1], alternative = ALT)",
            "paired_t": f"t.test({va}, {vb}, paired = TRUE, alternative = ALT)",
            "mann_whitney": f"wilcox.test({va}, {vb}[-1], exact = {ranked}, alternative = ALT)",
            "signed_rank": f"wilcox.test({va}, {vb}, paired = TRUE, exact = {'FALSE' if ties else 'TRUE'}, alternative = ALT)",
        }.items():
            sides = r([f"t <- {test.replace('ALT', repr(alt))}; c(t$statistic, t$p.value)" for alt in ("two.sided", "less", "greater")])
            case[name] = [sides[0][0], *(side[1] for side in sides)]
        # SciPy's statistic grows with its second sample, its alternatives are of the first.
        bm = [stats.brunnermunzel(b[1:], a, alternative=alt) for alt in ("two-sided", "greater", "less")]
        case["brunner_munzel"] = [float(bm[0].statistic), *(float(t.pvalue) for t in bm)]
        case["intervals"] = []
        for level in LEVELS:
            mean, paired = r(
                [
                    f"t <- t.test({va}, {vb}[-1], conf.level = {level}); c(t$estimate[1] - t$estimate[2], t$conf.int)",
                    f"t <- t.test({va}, {vb}, paired = TRUE, conf.level = {level}); c(t$estimate, t$conf.int)",
                ]
            )
            c, d = a, b[1:]
            ratio = float(np.mean(c) / np.mean(d))
            t = stats.t.isf((1 - level) / 2, welch_df(c, d, ratio))
            leading, roots = fieller(np.mean(c), np.mean(d), np.var(c, ddof=1) / n, np.var(d, ddof=1) / (n - 1), 0, t)
            t = stats.t.isf((1 - level) / 2, n - 1)
            cov = np.cov(a, b) / n
            paired_leading, paired_roots = fieller(np.mean(a), np.mean(b), cov[0, 0], cov[1, 1], cov[0, 1], t)
            case["intervals"].append(
                {
                    "level": level,
                    "mean_difference": mean,
                    "paired_mean_difference": paired,
                    "mean_ratio": [ratio, leading, roots],
                    "paired_mean_ratio": [float(np.mean(a) / np.mean(b)), paired_leading, paired_roots],
                }
            )
        # Equivalence by R's shifted one-sided tests, at a margin of a fifth of b's mean.
        margin, n_b = 0.2 * abs(float(np.mean(b))), len(b) - 1
        tests = [
            f'c(t.test({va}, {vb}[-1], mu = -{margin!r}, alternative = "greater")$p.value, '
            f't.test({va}, {vb}[-1], mu = {margin!r}, alternative = "less")$p.value)',
            f'c(t.test({va}, {vb}, paired = TRUE, mu = -{margin!r}, alternative = "greater")$p.value, '
            f't.test({va}, {vb}, paired = TRUE, mu = {margin!r}, alternative = "less")$p.value)',
        ]
        if min(*a, *b) > 0:
            tests.append(
                f'c(t.test(log({va}), log({vb}), paired = TRUE, mu = -log(1.2), alternative = "greater")$p.value, '
                f't.test(log({va}), log({vb}), paired = TRUE, mu = log(1.2), alternative = "less")$p.value)'
            )
            # A ratio r of means is a difference of a and r b of zero.
            tests.append(
                f'c(t.test({va}, {vb}[-1] / 1.2, alternative = "greater")$p.value, '
                f't.test({va}, {vb}[-1] * 1.2, alternative = "less")$p.value)'
            )
        case["margin"] = margin
        case["tost"] = r(tests)
        cases.append(case)
    return cases


def one_sample(rng):
    cases = []
    for x in [rng.lognormal(1, 0.4, 7), rng.normal(10, 1, 10), np.round(rng.normal(9, 2, 12)), rng.lognormal(3, 1, 60)]:
        v, n = vector(x), len(x)
        for level in LEVELS:
            tail = (1 - level) / 2
            geometric, reciprocal, variance = r(
                [
                    f"t <- t.test(log({v}), conf.level = {level}); exp(c(t$estimate, t$conf.int))",
                    f"t <- t.test(1 / {v}, conf.level = {level}); c(t$estimate, t$conf.int)",
                    f"var({v}) * c(1, {n - 1} / qchisq({tail!r}, {n - 1}, lower.tail = FALSE), {n - 1} / qchisq({tail!r}, {n - 1}))",
                ]
            )
            g = int(0.2 * n)
            h, ordered = n - 2 * g, np.sort(x)
            kept = ordered[g : n - g]
            winsorised = np.clip(ordered, kept[0], kept[-1])
            error = np.sqrt((n - 1) * np.var(winsorised, ddof=1) / (h * (h - 1)))
            half = stats.t.isf(tail, h - 1) * error
            root = np.sqrt(n)
            cv = float(np.std(x, ddof=1) / np.mean(x))
            low, high = noncentrality(root / cv, n - 1.0, tail)
            band = np.sqrt(np.log(2 / (1 - level)) / (2 * n))
            cases.append(
                {
                    "x": list(map(float, x)),
                    "level": level,
                    "geometric": geometric,
                    "reciprocal": reciprocal,
                    "variance": variance,
                    "trimmed": [float(np.mean(kept)), float(np.mean(kept) - half), float(np.mean(kept) + half)],
                    "cv": [cv, float(root / high), float(root / low) if low > 0 else None],
                    "band": float(band),
                }
            )
    return cases


def rates():
    return [
        [k, exposure, level, *r([f"t <- poisson.test({k}, {exposure}, conf.level = {level}); c(t$estimate, t$conf.int)"])[0]]
        for k, exposure in ((0, 1.0), (1, 2.5), (7, 0.3), (150, 12.0), (123456, 1e6))
        for level in LEVELS
    ]


def ranks():
    """Order-statistic ranks at large n, and what they cover, by R's binomial."""
    rows = []
    for n, p in [(1000, 0.5), (10000, 0.5), (10000, 0.99), (100000, 0.9), (1000000, 0.5), (1000000, 0.999), (3000000, 0.01)]:
        for level in LEVELS:
            tail = (1 - level) / 2
            low, high = r([f"qbinom({tail!r}, {n}, {p})", f"{n} - qbinom({tail!r}, {n}, 1 - {p}) + 1"])
            cover = r([f"diff(pbinom(c({low[0]} - 1, {high[0]} - 1), {n}, {p}))"])[0][0]
            rows.append([n, p, level, low[0], high[0], cover])
    return rows


def hettmansperger_sheather(rng):
    """For the median, as the two give it: by depth and not by tail."""
    cases = []
    for n in (7, 10, 21, 50):
        x = np.sort(rng.lognormal(0, 1, n))
        for level in (0.9, 0.95):
            inside = lambda d: 1 - 2 * stats.binom.cdf(d - 1, n, 0.5)
            d = max(k for k in range(1, n // 2 + 1) if inside(k) >= level)
            i = (inside(d) - level) / (inside(d) - inside(d + 1))
            w = (n - d) * i / (d + (n - 2 * d) * i)
            cases.append(
                {
                    "x": list(map(float, x)),
                    "level": level,
                    "interval": [
                        float(np.median(x)),
                        float((1 - w) * x[d - 1] + w * x[d]),
                        float((1 - w) * x[n - d] + w * x[n - d - 1]),
                    ],
                }
            )
    return cases


def effects(rng):
    cases = []
    for a, b in pairs(rng):
        m, n = len(a), len(b) - 1
        c = b[1:]
        va, vb = vector(a), vector(c)
        for level in LEVELS:
            tail = (1 - level) / 2
            pooled = np.sqrt(((m - 1) * np.var(a, ddof=1) + (n - 1) * np.var(c, ddof=1)) / (m + n - 2))
            d = (np.mean(a) - np.mean(c)) / pooled
            scale = np.sqrt(1 / m + 1 / n)
            ends = np.array([d, *(np.array(noncentrality(d / scale, m + n - 2.0, tail)) * scale)])
            k = m + n - 2
            j = r([f"exp(lgamma({k / 2}) - lgamma({(k - 1) / 2})) / sqrt({k / 2})"])[0][0]
            diff = a - b
            dz = np.mean(diff) / np.std(diff, ddof=1)
            within = [dz, *(np.array(noncentrality(dz * np.sqrt(m), m - 1.0, tail)) / np.sqrt(m))]

            def scored(delta, variance, t, most):
                p = (delta + 1) / 2
                n = most if variance == 0 else min(most, p * (1 - p) / (variance / 4))
                # Where the score test of a proportion is just at its critical value.
                low, high = sorted(np.roots([1 + t * t / n, -(2 * p + t * t / n), p * p]).real)
                return [float(delta), float(2 * low - 1), float(2 * high - 1)]

            dominance = np.sign(a[:, None] - c)
            delta = dominance.mean()
            variance = (
                (n - 1) * np.var(dominance.mean(1), ddof=1)
                + (m - 1) * np.var(dominance.mean(0), ddof=1)
                + ((dominance - delta) ** 2).sum() / (m * n - 1)
            ) / (m * n)
            walsh = np.sign(diff[:, None] + diff)
            rank_biserial = walsh[np.triu_indices(m)].mean()
            spread = 4 * np.var(walsh.mean(1), ddof=1) / m
            cases.append(
                {
                    "a": list(map(float, a)),
                    "b": list(map(float, b)),
                    "level": level,
                    "cohen_d": list(map(float, ends)),
                    "hedges_g": list(map(float, ends * j)),
                    "cohen_dz": list(map(float, within)),
                    "cliff_delta": scored(delta, variance, stats.t.isf(tail, m + n - 2), 4 * m * n / (m + n)),
                    "rank_biserial": scored(rank_biserial, spread, stats.t.isf(tail, m - 1), m),
                }
            )
    return cases


def slopes(rng):
    cases = []
    for n in (12, 40, 90):
        x = rng.integers(1, 6, n).astype(float) if n < 50 else rng.normal(0, 1, n)
        y = 2 * x + rng.standard_t(3, n)
        sen = stats.theilslopes(y, x, alpha=0.95)
        (fit,) = r([f"lm({vector(y)} ~ {vector(x)})$coefficients[2]"])
        case = {"x": list(map(float, x)), "y": list(map(float, y)), "least_squares": fit[0], "theil_sen": float(sen.slope)}
        # SciPy's interval rounds its ranks inwards and corrects the variance for ties by
        # (2t + 5): ours by the same, rounded outwards.
        rise = [(y[j] - y[i]) / (x[j] - x[i]) for i in range(n) for j in range(i) if x[i] != x[j]]
        ties = np.unique(x, return_counts=True)[1]
        term = lambda t: t * (t - 1) * (2 * t + 5)
        reach = stats.norm.isf(0.025) * np.sqrt((term(n) - term(ties).sum()) / 18)
        rank = int((len(rise) - reach) / 2)
        ordered = sorted(rise)
        case["interval"] = [float(ordered[rank - 1]), float(ordered[-rank])]
        cases.append(case)
    return cases


def main():
    rng = np.random.default_rng(20240301)
    reference = {
        "distribution": distribution(),
        "families": families(),
        "two_samples": two_samples(rng),
        "one_sample": one_sample(rng),
        "rates": rates(),
        "ranks": ranks(),
        "interpolated": hettmansperger_sheather(rng),
        "effects": effects(rng),
        "slopes": slopes(rng),
    }
    lines = [f"{json.dumps(name)}:{json.dumps(part, separators=(',', ':'), allow_nan=False)}" for name, part in reference.items()]
    sys.stdout.write("{" + ",\n".join(lines) + "}\n")


if __name__ == "__main__":
    main()
