# R's boot of the numbers in a file: name, what, milliseconds, by tabs.
#
#     Rscript peers.R FILE REPLICATES
#
# The mean alone, and BCa by the empirical influence values of the mean; boot takes its
# time from R calling the statistic for each resample.
suppressMessages(library(boot))
arguments <- commandArgs(trailingOnly = TRUE)
x <- scan(arguments[1], quiet = TRUE)
replicates <- as.integer(arguments[2])
for (name in c("mean", "median")) {
  statistic <- list(mean = function(x, i) mean(x[i]), median = function(x, i) median(x[i]))[[name]]
  set.seed(1)
  start <- proc.time()[["elapsed"]]
  drawn <- boot(x, statistic, replicates)
  boot.ci(drawn, type = "perc")
  took <- proc.time()[["elapsed"]] - start
  cat(sprintf("R boot\t%s percentile\t%g\n", name, 1000 * took))
  start <- proc.time()[["elapsed"]]
  influence <- empinf(data = x, statistic = statistic, type = "jack", stype = "i")
  if (sd(influence) > 0) boot.ci(drawn, type = "bca", L = influence)
  took <- took + proc.time()[["elapsed"]] - start
  cat(sprintf("R boot\t%s bca\t%g\n", name, 1000 * took))
}
