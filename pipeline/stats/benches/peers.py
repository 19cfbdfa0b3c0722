"""scipy.stats.bootstrap of the numbers in a file, and a hierarchical bootstrap in numpy: name, what,
milliseconds of the processor, by tabs.

    python3 peers.py FILE REPLICATES
"""

import sys
import time

import numpy as np
import scipy
from scipy import stats

x = np.loadtxt(sys.argv[1])
replicates = int(sys.argv[2])
for name, statistic in (("mean", np.mean), ("median", np.median)):
    for method in ("percentile", "BCa"):
        best = float("inf")
        for _ in range(2):
            start = time.process_time()
            # As fast as it gets: batches that fit the caches.
            stats.bootstrap((x,), statistic, n_resamples=replicates, batch=100, method=method, rng=1)
            best = min(best, time.process_time() - start)
        print(f"scipy {scipy.__version__}", f"{name} {method.lower()}", best * 1e3, sep="\t", flush=True)


def campaign(cells, replicates, levels):
    """Ratios of cells of 10 blocks of two conditions, each 10 intervals of 10 packets: blocks are drawn for
    both, and with levels "All" within each its intervals and their packets, all replicates at once."""
    rng = np.random.default_rng(1)
    for _ in range(cells):
        means = []
        blocks = rng.integers(10, size=(replicates, 10))
        for _ in range(2):
            x = rng.lognormal(size=(10, 10, 10))
            if levels == "Top":
                drawn = x.mean(axis=(1, 2))[blocks]
            else:
                intervals = rng.integers(10, size=(replicates, 10, 10))
                packets = rng.integers(10, size=(replicates, 10, 10, 10))
                drawn = x[blocks[:, :, None, None], intervals[:, :, :, None], packets]
            means.append(drawn.reshape(replicates, -1).mean(axis=1))
        np.quantile(means[0] / means[1], (0.025, 0.975))


for levels, cells in (("Top", 1000), ("All", 50)):
    best = float("inf")
    for _ in range(2):
        start = time.process_time()
        campaign(cells, 1000, levels)
        best = min(best, time.process_time() - start)
    print(f"numpy {np.__version__}", f"campaign {levels}", best * 1e3 * 1000 / cells, sep="\t", flush=True)
