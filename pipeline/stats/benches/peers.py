"""scipy.stats.bootstrap of the numbers in a file: name, what, milliseconds of the processor, by tabs.

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
