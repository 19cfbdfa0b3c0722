"""A campaign's tables and figures as they are usually made: peers.py CAMPAIGN OUT.

pandas holds the tables, scipy makes the intervals and tests, matplotlib draws (`pip install pandas
scipy matplotlib`). Made are: the digests of all files; each trial's values from its logs and the
host's counters; each cell's median with its order-statistic interval, or its share with the interval
of Clopper and Pearson; each ratio to the baseline, paired by block, with p of the signed-rank test and
the interval of the Walsh averages; slopes over the number of VMs; p-values adjusted by Holm and by
Benjamini and Hochberg; trends; outliers. Drawn are: each panel's trials and estimates, each ping
workload's distributions. They are written as one HTML file with the figures as SVG, and as PDF.

Not made, which the report has: intervals that hold together (the bootstrap of max t), bands of the
distributions, autocorrelation and steadiness, the heat maps, ridges, forests and diagrams, the place in
the logs of each value, texts for who can't see the figures, a tagged PDF.
"""

import hashlib
import html
import io
import itertools
import json
import math
import pathlib
import re
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.backends.backend_pdf import PdfPages
from scipy import stats

REPLY = re.compile(r"time[=<]([0-9.]+) ms")
SUMMARY = re.compile(r"(\d+) packets transmitted, (\d+) received")
MOST_ROWS = 40


def verify(campaign):
    """Every file against its SHA-256."""
    for sums in campaign.rglob("SHA256SUMS"):
        for line in sums.read_text().splitlines():
            digest, name = line.split("  ", 1)
            if hashlib.sha256((sums.parent / name).read_bytes()).hexdigest() != digest:
                raise SystemExit(f"{sums.parent / name} was changed")


def snapshots(path):
    """The first and the last snapshot of a log of counters: time and lines."""
    text = path.read_text()
    parts = [part.split("\n") for part in text.split("# vnicbench ")[1:]]
    return [(float(part[0].split()[-1]), part[1:]) for part in (parts[0], parts[-1])]


def counters(directory):
    """What the host counted in a trial, for a second."""
    if not (directory / "host-stat.log").exists():
        return
    (start, first), (end, last) = snapshots(directory / "host-stat.log")
    seconds = end - start

    def row(lines, name):
        return next(line.split()[1:] for line in lines if line.startswith(name + " "))

    def busy(lines):
        user, nice, system, _, _, irq, softirq, *_ = map(int, row(lines, "cpu"))
        return user + nice + system + irq + softirq

    yield "host-cpu", (busy(last) - busy(first)) / 100 / seconds
    for metric, name in [("interrupts", "intr"), ("context-switches", "ctxt")]:
        yield metric, (int(row(last, name)[0]) - int(row(first, name)[0])) / seconds
    if (directory / "host-kvm.log").exists():
        (start, first), (end, last) = snapshots(directory / "host-kvm.log")
        difference = int(row(last, "exits")[0]) - int(row(first, "exits")[0])
        yield "kvm-exits", difference / (end - start)


def ping(path, rtts):
    """Requests sent and lost; the replies' times are added to a list."""
    text = path.read_text()
    rtts.extend(map(float, REPLY.findall(text)))
    sent, received = map(int, SUMMARY.search(text).groups())
    return sent - received, sent


def trial(directory, record):
    """The values of a trial: metric, value, events, attempts; and its round-trip times."""
    workload = record["cell"]["workload"]
    tool = workload["tool"]
    role = "server" if tool == "iperf" else "client"
    logs = [directory / c["stdout"] for c in record["commands"] if c["role"] == role]
    rtts = []
    values = []
    if tool == "ping":
        lost, sent = map(sum, zip(*(ping(log, rtts) for log in logs)))
        values.append(("rtt-median", float(np.median(rtts)), None, None))
        values.append(("ping-loss", lost / sent, lost, sent))
    elif tool == "iperf":
        goodput = []
        for log in logs:
            rows = [line.split(",") for line in log.read_text().splitlines()]
            goodput.append(int(rows[-1][7]) * 8 / float(rows[-1][6].split("-")[1]))
        values.append(("goodput", sum(goodput), None, None))
    else:
        goodput, again, lost, packets, jitter = [], 0, 0, 0, []
        for log in logs:
            end = json.loads(log.read_text())["end"]
            for way in ("", "_bidir_reverse"):
                received = end.get("sum_received" + way)
                if received is None:
                    continue
                goodput.append(received["bytes"] * 8 / received["seconds"])
                again += end["sum_sent" + way].get("retransmits", 0)
                if workload["protocol"] == "udp":
                    lost += received["lost_packets"]
                    packets += received["packets"]
                    jitter.append(received["jitter_ms"])
        values.append(("goodput", sum(goodput), None, None))
        if workload["protocol"] == "udp":
            values.append(("udp-loss", lost / packets, lost, packets))
            values.append(("udp-jitter", sum(jitter) / len(jitter), None, None))
        else:
            values.append(("retransmits", again, None, None))
    if record["cell"]["question"] == "fairness" and tool != "ping" and len(goodput) > 1:
        index = sum(goodput) ** 2 / (len(goodput) * sum(g * g for g in goodput))
        values.append(("fairness", index, None, None))
    if record["cell"]["question"] == "density":
        values.extend((metric, value, None, None) for metric, value in counters(directory))
    return values, rtts


def read(campaign):
    """The table of values and each cell's round-trip times."""
    rows, rtts = [], {}
    for path in sorted(campaign.glob("trials/*/*/*/trial.json")):
        if not (path.parent / "COMPLETE").exists():
            continue
        record = json.loads(path.read_text())
        cell = record["cell"]
        name = path.parent.parent.name
        workload = json.dumps(cell["workload"], sort_keys=True)
        setting = {k: v for k, v in cell.items() if k not in ("workload", "backend", "instance")}
        values, replies = trial(path.parent, record)
        for metric, value, events, attempts in values:
            rows.append(
                {
                    "experiment": cell["experiment"],
                    "workload": workload,
                    "cell": name,
                    "backend": cell["backend"],
                    "instance": cell["instance"],
                    "setting": json.dumps(setting, sort_keys=True),
                    "vms": cell.get("vms", 1),
                    "block": record["block"],
                    "metric": metric,
                    "value": value,
                    "events": events,
                    "attempts": attempts,
                }
            )
        if replies:
            key = (cell["experiment"], workload)
            rtts.setdefault(key, {}).setdefault(name, []).extend(replies)
    return pd.DataFrame(rows), rtts


def order_statistics(values, level=0.95):
    """The median and the interval between two order statistics."""
    n = len(values)
    ordered = np.sort(values)
    rank = int(stats.binom.ppf((1 - level) / 2, n, 0.5))
    if rank < 1 or n < 6:
        return np.median(ordered), math.nan, math.nan
    return np.median(ordered), ordered[rank - 1], ordered[n - rank]


def estimate(group):
    """A cell's row."""
    if group["attempts"].notna().any():
        events, attempts = int(group["events"].sum()), int(group["attempts"].sum())
        interval = stats.binomtest(events, attempts).proportion_ci()
        return pd.Series({"estimate": events / attempts, "low": interval.low, "high": interval.high})
    middle, low, high = order_statistics(group.sort_values("block")["value"].to_numpy())
    return pd.Series({"estimate": middle, "low": low, "high": high})


def ratios(panel):
    """Each cell's ratio to the baseline in the same conditions."""
    rows = []
    wide = panel.pivot_table(index="block", columns="cell", values="value")
    about = panel.drop_duplicates("cell").set_index("cell")
    for cell, other in itertools.product(wide.columns, wide.columns):
        a, b = about.loc[cell], about.loc[other]
        is_baseline = b["backend"] == "virtio" and b["instance"] == "vm"
        if cell == other or not is_baseline or a["setting"] != b["setting"]:
            continue
        pairs = wide[[cell, other]].dropna()
        pairs = pairs[(pairs > 0).all(axis=1)]
        if len(pairs) < 6:
            continue
        logs = np.log(pairs[cell].to_numpy()) - np.log(pairs[other].to_numpy())
        upper = np.triu_indices(len(logs))
        walsh = np.sort(np.add.outer(logs, logs)[upper] / 2)
        n = len(logs)
        spread = math.sqrt(n * (n + 1) * (2 * n + 1) / 24)
        rank = max(int(n * (n + 1) / 4 - 1.96 * spread), 0)
        test = stats.wilcoxon(logs)
        rows.append((cell, other, *np.exp([np.median(walsh), walsh[rank], walsh[-rank - 1]]), test.pvalue))
    return pd.DataFrame(rows, columns=["cell", "baseline", "ratio", "low", "high", "p"])


def holm(p):
    """p-values adjusted by Holm (1979)."""
    order = np.argsort(p)
    adjusted = np.empty(len(p))
    adjusted[order] = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)).clip(max=1)
    return adjusted


def slopes(panel):
    """What each further VM adds, by back-end."""
    rows = []
    for (backend, instance), group in panel.groupby(["backend", "instance"]):
        wide = group.pivot_table(index="block", columns="vms", values="value").dropna()
        if wide.shape[1] > 1 and len(wide):
            each = [stats.linregress(wide.columns, row).slope for row in wide.to_numpy()]
            rows.append((backend, instance, *order_statistics(np.array(each))))
    return pd.DataFrame(rows, columns=["backend", "instance", "slope", "low", "high"])


def stood_still(panel):
    """Trends over the blocks and outliers."""
    rows = []
    for cell, group in panel.groupby("cell"):
        values = group.sort_values("block")["value"].to_numpy()
        if len(values) < 6 or np.ptp(values) == 0:
            continue
        trend = stats.kendalltau(np.arange(len(values)), values)
        slope = stats.theilslopes(values)
        deviation = stats.median_abs_deviation(values)
        far = np.abs(values - np.median(values)) * 0.6745 > 3.5 * deviation
        rows.append((cell, slope.slope, trend.pvalue, int(far.sum())))
    return pd.DataFrame(rows, columns=["cell", "slope", "p", "outliers"])


def draw_panel(title, panel, table):
    """Figures of a panel: trials as rings, estimates with their intervals."""
    for start in range(0, len(table), MOST_ROWS):
        part = table.iloc[start : start + MOST_ROWS]
        figure, axes = plt.subplots(figsize=(7, 0.8 + 0.25 * len(part)))
        for at, (cell, row) in enumerate(part.iterrows()):
            values = panel.loc[panel["cell"] == cell, "value"]
            axes.plot(values, [at] * len(values), "o", fillstyle="none", color="0.6")
            axes.plot([row["low"], row["high"]], [at, at], color="C0")
            axes.plot([row["estimate"]], [at], "s", color="C0")
        axes.set_yticks(range(len(part)), part.index)
        axes.invert_yaxis()
        axes.set_title(title)
        figure.tight_layout()
        yield figure


def draw_distribution(title, cells):
    """Figure of a ping workload: the distribution of each cell."""
    figure, axes = plt.subplots(figsize=(7, 4.5))
    for cell, rtts in cells.items():
        ordered = np.sort(rtts)
        axes.step(ordered, np.arange(1, len(ordered) + 1) / len(ordered), label=cell, rasterized=True)
    axes.set_xscale("log")
    axes.set_title(title)
    axes.legend(fontsize=5)
    figure.tight_layout()
    yield figure


def main():
    campaign, out = map(pathlib.Path, sys.argv[1:])
    out.mkdir(parents=True, exist_ok=True)
    verify(campaign)
    values, rtts = read(campaign)
    page = ["<!doctype html><meta charset=utf-8><title>Report</title>"]
    figures = 0
    with PdfPages(out / "peers.pdf") as pdf:

        def add(drawn):
            nonlocal figures
            for figure in drawn:
                text = io.StringIO()
                figure.savefig(text, format="svg")
                page.append(text.getvalue())
                pdf.savefig(figure)
                plt.close(figure)
                figures += 1

        for (experiment, workload, metric), panel in values.groupby(
            ["experiment", "workload", "metric"], sort=False
        ):
            title = f"{experiment}: {metric}"
            page.append(f"<h2>{html.escape(title)}</h2><p>{html.escape(workload)}</p>")
            table = panel.groupby("cell", sort=False)[["block", "value", "events", "attempts"]]
            table = table.apply(estimate)
            add(draw_panel(title, panel, table))
            tables = [table, stood_still(panel)]
            if panel["attempts"].isna().all() and metric not in ("retransmits", "fairness"):
                compared = ratios(panel)
                if len(compared):
                    compared["holm"] = holm(compared["p"].to_numpy())
                    compared["bh"] = stats.false_discovery_control(compared["p"], method="bh")
                tables.append(compared)
            if panel["vms"].nunique() > 1:
                tables.append(slopes(panel))
            page.extend(each.to_html() for each in tables)
        for (experiment, workload), cells in rtts.items():
            add(draw_distribution(f"{experiment}: round-trip times", cells))
    (out / "peers.html").write_text("\n".join(page))
    print(f"{len(values)} values, {figures} figures")


if __name__ == "__main__":
    main()
