# R's boot of the numbers in a file, and of a hierarchy: name, what, milliseconds of the processor,
# by tabs.
#
#     Rscript peers.R FILE REPLICATES
#
# BCa by the jackknife, as in the others; boot's own regression needs more memory than there is.
suppressMessages(library(boot))
arguments <- commandArgs(trailingOnly = TRUE)
x <- scan(arguments[1], quiet = TRUE)
replicates <- as.integer(arguments[2])
for (name in c("mean", "median")) {
  statistic <- list(mean = function(x, i) mean(x[i]), median = function(x, i) median(x[i]))[[name]]
  set.seed(1)
  start <- sum(proc.time()[1:2])
  drawn <- boot(x, statistic, replicates)
  boot.ci(drawn, type = "perc")
  took <- sum(proc.time()[1:2]) - start
  cat(sprintf("R boot\t%s percentile\t%g\n", name, 1000 * took))
  start <- sum(proc.time()[1:2])
  influence <- empinf(data = x, statistic = statistic, type = "jack", stype = "i")
  if (sd(influence) > 0) boot.ci(drawn, type = "bca", L = influence)
  took <- took + sum(proc.time()[1:2]) - start
  cat(sprintf("R boot\t%s bca\t%g\n", name, 1000 * took))
}

# Ratios of cells of 10 blocks of two conditions, each 10 intervals of 10 packets: boot draws the
# blocks, and the statistic of all levels draws intervals and packets within them.
resampled <- function(trial) {
  intervals <- sample.int(10, 10, replace = TRUE)
  mean(trial[cbind(rep(intervals, each = 10), sample.int(10, 100, replace = TRUE))])
}
for (levels in c("Top", "All")) {
  cells <- c(Top = 50, All = 3)[[levels]]
  start <- sum(proc.time()[1:2])
  for (cell in seq_len(cells)) {
    trials <- lapply(1:2, function(condition) {
      lapply(1:10, function(block) matrix(exp(rnorm(100)), 10))
    })
    means <- sapply(trials, function(condition) sapply(condition, mean))
    statistic <- if (levels == "Top") {
      function(blocks, i) mean(means[i, 1]) / mean(means[i, 2])
    } else {
      function(blocks, i) {
        mean(sapply(trials[[1]][i], resampled)) / mean(sapply(trials[[2]][i], resampled))
      }
    }
    boot.ci(boot(1:10, statistic, 1000), type = "perc")
  }
  took <- sum(proc.time()[1:2]) - start
  cat(sprintf("R boot\tcampaign %s\t%g\n", levels, 1000 * took * 1000 / cells))
}
