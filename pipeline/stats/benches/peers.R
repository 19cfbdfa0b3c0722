# R's boot of the numbers in a file: name, what, milliseconds of the processor, by tabs.
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
