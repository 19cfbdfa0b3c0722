### All texts of the report, in English. Fluent syntax; a text may be wrapped anywhere, line ends
### become spaces. Numbers arrive as they are shown; what is counted arrives as a number.

## The page around the sections

page-title = Virtual NIC back-ends compared
page-byline = Campaign { $campaign }, begun { $started }, by vnicbench { $version }
page-emulated = Emulated test bed: shows that everything works; its times say nothing of hardware.
page-synthetic = Synthetic: its numbers are made up; nothing was measured.
page-numbering = 1 of 1
page-skip = Skip to the report
page-sections = Sections

## Numbers of figures and tables

number-figure = Figure { $n }
number-table = Table { $n }
part-of-several = { $title } ({ $n } of { $of })

## Controls of the page

control-group = What is shown
control-arms = Arms shown
control-all-arms = Show all
control-arms-shown = { $shown } of { $all } arms shown
control-theme-system = Colours: system’s
control-theme-light = Colours: light
control-theme-dark = Colours: dark
control-logarithmic = Logarithmic axis
control-linear = Linear axis
control-filter = Filter rows
control-rows-shown = { $shown } of { $all } rows
control-sorted-up = sorted by { $column }, ascending
control-sorted-down = sorted by { $column }, descending
control-values = The arrow keys up and down read the values out
control-numbers = Numbers

## Headings of columns that several tables have

column-arm = Arm
column-value = Value
column-log = Log
column-lines = Lines
column-trials = Trials
column-interval = Interval
column-level = Level
column-estimate = Estimate
column-estimate-in = Estimate{ $unit }
column-ratio = Ratio
column-blocks = Blocks
column-n = n
column-metric = Metric
column-cell = Cell
column-verdict = Verdict
column-claim = Claim
column-by-itself = By itself
column-holm = Holm
column-p = p
column-version = Version
column-first = First
column-second = Second
column-workload = Workload
column-trial = Trial
no-value = no value
not-known = not known
n-of-all = { $n } of { $all }

## What is measured, in which unit

metric =
    { $metric ->
        [rtt-median] Median RTT
        [ping-loss] Packet loss
        [goodput] Goodput
        [udp-loss] Datagram loss
        [udp-jitter] Jitter
        [retransmits] Retransmits
        [fairness] Jain's index
        [host-cpu] Host CPU
        [cpu-per-gbit] Host CPU per Gbit
        [cpu-per-packet] Host CPU per packet
        [interrupts] Interrupts
        [interrupts-per-gbit] Interrupts per Gbit
        [interrupts-per-packet] Interrupts per packet
        [context-switches] Context switches
        [context-switches-per-gbit] Context switches per Gbit
        [context-switches-per-packet] Context switches per packet
        [kvm-exits] VM exits
        [kvm-exits-per-gbit] VM exits per Gbit
        [kvm-exits-per-packet] VM exits per packet
       *[other] { $metric }
    }
metric-by-direction =
    { $metric }{ $unit }, { $better ->
        [less] less is better
       *[more] more is better
    }
quantity =
    { $metric ->
        [rtt-median] median RTT
        [ping-loss] packet loss
        [goodput] goodput
        [tcp-goodput] TCP goodput
        [udp-loss] datagram loss
        [udp-jitter] jitter
        [retransmits] retransmits
        [fairness] Jain's index
        [host-cpu] host CPU
        [cpu-per-gbit] host CPU per Gbit
        [cpu-per-packet] host CPU per packet
        [interrupts] interrupts
        [interrupts-per-gbit] interrupts per Gbit
        [interrupts-per-packet] interrupts per packet
        [context-switches] context switches
        [context-switches-per-gbit] context switches per Gbit
        [context-switches-per-packet] context switches per packet
        [kvm-exits] VM exits
        [kvm-exits-per-gbit] VM exits per Gbit
        [kvm-exits-per-packet] VM exits per packet
       *[other] { $metric }
    }
unit-cpus = CPUs
unit-cpu-per-packet = CPU µs/packet
unit-thousand-per-gbit = thousand/Gbit
unit-thousand = thousand/s
median = median
insufficient = insufficient data (n = { $n }, needs { $needs })

## Arms, conditions, workloads

arm =
    { $backend } ({ $instance ->
        [host] host
        [vm] VM
       *[container] container
    })
arm-of-two-nics =
    { $backend } + { $other } in one { $instance ->
        [host] host
        [vm] VM
       *[container] container
    }
arm-of-two-instances =
    { $instance ->
        [host] { $backend } hosts and { $other } hosts
        [vm] { $backend } VMs and { $other } VMs
       *[container] { $backend } containers and { $other } containers
    }
condition-instances =
    { $instance ->
        [container] { $n } containers
       *[vm] { $n } VMs
    }
condition-nics = { $n } NICs
condition-vlan = on VLANs
condition-local = to a peer on the host
condition-load =
    { $workers ->
        [none] { $load } load
       *[some] { $workers } x { $load } load
    } { $place ->
        [host] on the host
       *[vm] beside
    }
condition-tuned = tuned: { $name }
guest-kernel = guest kernel { $version }
qemu = QEMU { $version }
load = { $load }
workload-ping = ping { $payload } every { $interval }
workload-stream =
    { $tool } { $protocol } { $direction }, { $streams ->
        [one] { $streams } stream
       *[other] { $streams } streams
    }{ $rate ->
        [none] {""}
       *[some] , { $rate } offered
    }{ $message ->
        [none] {""}
       *[some] , { $message } messages
    }
workload-kind = { $tool } { $direction }

## Methods, verdicts, warnings

verdict =
    { $verdict ->
        [better] better
        [worse] worse
        [equivalent] equivalent
       *[inconclusive] inconclusive
    }
method = { $statistic }, { $interval }
provenance =
    { $counts ->
        [same] n = { $least } each
        [range] n = { $least } to { $most }, as in the table
       *[none] n = 0
    }; { $levels ->
        [none] no interval
       *[some] level { $levels }
    }; { $methods }
statistic =
    { $name ->
        [mean] mean
        [median] median
        [proportion] proportion
        [paired-ratio] pseudo-median ratio paired by block
        [paired-difference] pseudo-median difference paired by block
        [ratio] Hodges-Lehmann ratio
        [difference] Hodges-Lehmann difference
        [geometric-mean] geometric mean
        [harmonic-mean] harmonic mean
        [variance] variance
        [standard-deviation] standard deviation
        [coefficient-of-variation] coefficient of variation
        [rate] rate of events
        [mean-difference] difference of means
        [mean-ratio] ratio of means
        [paired-mean-difference] mean difference paired by block
        [paired-mean-ratio] ratio of means paired by block
        [paired-geometric-ratio] geometric mean ratio paired by block
        [paired-median-difference] median difference paired by block
        [paired-median-ratio] median ratio paired by block
        [cohen-d] Cohen's d
        [cohen-dz] Cohen's dz paired by block
        [hedges-g] Hedges' g
        [cliff-delta] Cliff's delta
        [a12] Vargha-Delaney A12
        [rank-biserial] rank-biserial correlation paired by block
        [slope] slope
       *[other] { $name }
    }
statistic-of-quantile =
    { $name ->
        [difference] difference of { $percent } % quantiles
        [ratio] ratio of { $percent } % quantiles
        [trimmed] mean without { $percent } % at either end
        [trimmed-mean] mean without { $percent } % at each end
       *[quantile] { $percent } % quantile
    }
statistic-of-two =
    { $name ->
        [ratio] ratio of { $of }s
       *[difference] difference of { $of }s
    }{ $paired ->
        [yes] {" "}paired by block
       *[no] {""}
    }
statistic-of-shares =
    { $name ->
        [jain-index] Jain's index of { $shares } shares, mean of trials
        [min-over-max] smallest over largest of { $shares } shares, mean of trials
       *[share-variation] coefficient of variation of { $shares } shares, mean of trials
    }
interval =
    { $name ->
        [order-statistic] order-statistic interval (exact binomial)
        [nearest-order-statistic] order-statistic interval nearest to its level (exact binomial)
        [printed-order-statistic] order-statistic interval (exact binomial), widened by what the digits hide
        [student-t] t interval (assumes a normal mean)
        [wilson] Wilson score interval
        [clopper-pearson] Clopper-Pearson interval (exact binomial)
        [clustered-wilson] Wilson score interval with the design effect of trials
        [signed-rank-exact] Wilcoxon signed-rank interval (exact)
        [signed-rank-normal] Wilcoxon signed-rank interval (normal approximation)
        [mann-whitney-exact] Mann-Whitney interval (exact)
        [mann-whitney-normal] Mann-Whitney interval (normal approximation)
        [interpolated-order-statistic] interpolated order-statistic interval (near its level)
        [trimmed-t] trimmed t interval (winsorised variance)
        [log-t] t interval of logarithms (assumes their mean normal)
        [reciprocal-t] t interval of reciprocals (assumes their mean normal)
        [chi-squared] chi-squared interval (assumes normal values)
        [noncentral-t] noncentral t interval (assumes normal values)
        [garwood] Garwood interval (exact Poisson)
        [pooled-t] pooled t interval (assumes normal values of one variance)
        [welch-t] Welch t interval (assumes normal means)
        [fieller] Fieller interval (assumes normal means)
        [fieller-welch] Fieller interval with Welch's degrees of freedom (assumes normal means)
        [mover] interval combined from both order-statistic intervals
        [effective-wilson] Wilson score interval on the consistent variance
        [brunner-munzel] Brunner-Munzel interval
        [kendall-normal] Theil-Sen interval (normal approximation)
        [dkw-band] DKW band (all quantiles at once)
        [theil-sen] Theil-Sen interval (Kendall's test inverted)
        [ideal-percentile] percentile bootstrap interval (distribution computed, no resamples)
        [ideal-bca] BCa bootstrap interval (distribution computed, no resamples)
        [top-level-t] t interval over the means of the highest level
        [top-level-fieller] Fieller interval over the means of the highest level
       *[other] { $name }
    }
interval-resampled =
    { $name ->
        [bootstrap-t] bootstrap-t interval ({ $replicates } resamples, seed { $seed })
        [farther-t] farther ends of bootstrap-t and t interval ({ $replicates } resamples, seed { $seed })
        [bootstrap-percentile] percentile bootstrap interval ({ $replicates } resamples, seed { $seed })
        [bootstrap-bca] BCa bootstrap interval ({ $replicates } resamples, seed { $seed })
        [hierarchical-percentile] percentile bootstrap interval over all levels ({ $replicates } resamples, seed { $seed })
        [top-level-percentile] percentile bootstrap interval over the highest level ({ $replicates } resamples, seed { $seed })
       *[stationary-percentile] stationary block bootstrap interval ({ $replicates } resamples, seed { $seed })
    }
interval-of-batches = t interval of { $batches } batches of the series
interval-of-family =
    simultaneous interval of { $family } by the largest t ({ $replicates } resamples, seed { $seed })
interval-of-family-by-bonferroni = simultaneous t interval of { $family } (Bonferroni)
warning-ties =
    only { $distinct } different values among { $n } (quantised or tied), so the interval is conservative
warning-zero-differences = { $zeros } of { $n } pairs have no difference and are left out of the ranks
warning-zero-width = all values are equal, so the interval shows the resolution, not the uncertainty
warning-no-events =
    no events seen, so variation between trials can't be estimated and attempts count as independent
warning-all-events =
    every attempt is an event, so variation between trials can't be estimated and attempts count as
    independent
warning-few-for-bootstrap =
    a bootstrap of { $n } values covers less than its level (comes near it from { $recommended })
warning-bca-undefined =
    bias or acceleration is undefined for this sample, so the interval is the percentile interval
warning-no-acceleration =
    leaving out any one value changes nothing, so the interval is corrected for bias but not for skewness
warning-dependent-trials =
    successive values are correlated, so the interval, which takes them as independent, covers less than
    its level
warning-dependent = values depend on those before (Ljung-Box p < 0.01), which the interval allows for
warning-rounded = values are rounded, so the interval is widened by half a step at either end
warning-censored = { $censored } of { $n } values are only known to lie below a limit
note =
    { $name ->
        [no-value] { $first } of { $second } complete trials gave no value
        [upper-bounds] { $first } of { $second } round-trip times are known only as upper bounds
        [iperf-client] iperf's client counts what it handed to its socket, not what arrived
        [one-boot] speaks of one boot of the guests
        [several-boots] speaks of { $first } boots of the guests, which were booted again only where they had died
        [too-few-replies] { $first } trials with too few replies are left out
        [no-partner] left out for want of a partner: { $n ->
            [one] block
           *[other] blocks
        } { $first }
        [zero-ratio] left out since zero has no ratio: { $n ->
            [one] block
           *[other] blocks
        } { $first }
        [no-slope] left out for want of a value at each number of instances: { $n ->
            [one] block
           *[other] blocks
        } { $first }
       *[other] { $text }
    }

## The first page

glance = At a glance
answers = Answers
nothing-compared =
    Nothing was compared with virtio in a VM: the matrix has no such pair, or no trial of one gave a value.
claims-below = { $summary } They are under “Claims”.
cautions = What must not be concluded
fact-compared = Compared
fact-testbed = Test bed
testbed =
    { $testbed ->
        [attached] attached: this host's own NIC
        [synthetic] none: its numbers are made up
       *[emulated] emulated: a test host in software, with emulated NICs
    }
fact-host = Host
host =
    { $cpu }, { $cpus ->
        [one] 1 CPU
       *[other] { $cpus } CPUs
    }, kernel { $kernel }, { $qemu }, { $accelerator }
fact-trials = Trials
trials =
    { $planned } planned, { $complete } complete{ $failed ->
        [0] {""}
       *[other] , { $failed } failed
    }{ $interrupted ->
        [0] {""}
       *[other] , { $interrupted } interrupted
    }{ $missing ->
        [0] {""}
       *[other] , { $missing } never begun
    }
fact-design = Design
design =
    { $blocks ->
        [one] 1 block
       *[other] { $blocks } blocks
    }, each a pass over all { $cells ->
        [one] 1 cell
       *[other] { $cells } cells
    } in random order (seed { $seed })
fact-guests = Guests
boots =
    { $policy ->
        [per-block] booted anew for each block
        [per-trial] booted anew for each trial, and only those that it needs
       *[per-campaign] booted once: every interval speaks of that one boot and not of others
    }
fact-ended = Ended
ended =
    before the { $blocks ->
        [one] 1 block
       *[other] { $blocks } blocks
    } that were allowed: { $reason }
forest-title = Ratios to virtio in a VM
forest-axis = Ratio to virtio in a VM
forest-heading =
    { $quantity ->
        [rtt-median] Median RTT
       *[tcp-goodput] TCP goodput
    }, { $workload }; { $better ->
        [less] less is better
       *[more] more is better
    }
forest-caption =
    Each arm as a ratio to virtio in a VM, paired by block. { $provenance }. Within the grey band (5 %) arms are called equivalent.{ $shown ->
        [all] {""}
       *[some] {" "}The first { $shown } of { $total } ratios; the others are with their experiments.
    }
answers-more = { $n } more are with their experiment.
answer-subject =
    { $kind ->
        [native] Without a guest, port to port, the { $quantity }
        [mix] The { $quantity } of { $arm }
        [vf] The VF's { $quantity }
       *[plain] { $backend }'s { $quantity }
    }{ $place ->
        [none] {""}
        [host] {" "}on the host
        [vm] {" "}in a VM
       *[container] {" "}in a container
    }{ $conditions ->
        [none] {""}
       *[some] , { $conditions },
    }
answer-baseline =
    { $kind ->
        [virtio] virtio's
        [arm] that of { $arm }
        [part] that of { $arm } alone
        [version] that with { $arm }
        [untuned] that untuned
        [kernel] that with guest kernel { $arm }
        [qemu] that with QEMU { $arm }
       *[idle] that beside an idle one
    }
answer =
    { $subject } is { $value } of { $baseline } { $interval } ({ $level }, { $n ->
        [one] 1 block
       *[other] { $n } blocks
    }){ $verdict }.
answer-verdict =
    : { $verdict }{ $standing ->
        [joint] , jointly too
        [alone] , but not jointly
       *[none] {""}
    }
answer-none = { $subject } can't be compared with { $baseline }: { $reason }.
surviving =
    Of { $n ->
        [one] 1 verdict
       *[other] { $n } verdicts
    } (better, worse, equivalent) in the report { $kept } survive intervals that hold for all comparisons of an experiment, metric and contrast at once: “jointly too”.
interference-about = { $workload }, beside a neighbour under load
caution-hardware = Anything about hardware: NIC, IOMMU and often the CPU are software here.
caution-boot =
    That another boot of the guests would give the same: there was one, and intervals hold what varies
    within it.
caution-many =
    That every interval holds its true value: each is made by itself, and of many some miss. “Jointly
    too” allows for that within an experiment, metric and contrast.
caution-elsewhere =
    That a ratio holds elsewhere: it is of this host, these versions and this workload, all under
    “Environment”.
caution-loss =
    That a short round-trip time means a good path: it is of requests that were answered; the loss is
    beside it.
caution-native =
    What the measuring itself costs: the campaign has no native arm, port to port without a guest, to tell.

## Answers to what isn't a comparison with the baseline

fairness-about = { $workload }, all at once: 1 is even, 1/n is one of n with everything
fairness-answer =
    Jain's index of { $arm } is { $value } { $interval } ({ $level }, { $n ->
        [one] 1 trial
       *[other] { $n } trials
    }).
fairness-none = Jain's index of { $arm } isn't known: { $reason }.
density-about = { $workload }, busy processors of the host
density-answer =
    Each further instance of { $arm } adds { $value } { $interval } { $unit } ({ $level }, { $n ->
        [one] 1 block
       *[other] { $n } blocks
    }).
density-none = What each further instance of { $arm } adds isn't known: { $reason }.
tuning-about = { $workload }, tuned
versions-about =
    { $workload }, by { $what ->
        [kernel] guest kernel
       *[qemu] QEMU
    }
caution-sources =
    That it can be built again: { $why ->
        [nixpkgs] nixpkgs isn't the one of the lock
        [flake] the flake is of no commit
       *[both] nixpkgs isn't the one of the lock, and the flake is of no commit
    }, as “Software” says.

## The sections of experiments

question =
    { $question ->
        [latency] How long does a packet take there and back?
        [throughput] How much data gets through?
        [fairness] How do VMs share one NIC?
        [interference] What does a neighbour's load do?
        [multi-network] What do several NICs or networks do?
       *[density] What does the host pay for more VMs?
    }
question-heading =
    { $question ->
        [latency] Latency
        [throughput] Throughput
        [fairness] Fairness
        [interference] Interference
        [multi-network] Several networks
       *[density] Density
    }
reading-fairness =
    All NICs of a trial send or receive at once. Goodput is the sum of what they got. Jain's index says how
    evenly they got it: 1 if all got the same, 1/n if one of n got everything.
reading-multi-network =
    Goodput is the sum over all NICs of a trial, a round-trip time the median of the replies to all of
    them. A mix is compared with each of its parts alone, and with as many NICs of one kind where there is
    such a cell.
reading-density =
    The counters are of the whole host while it measured: the instances, what serves their NICs, a
    neighbour's load, and the generator where it is a port of the same host.
experiment-without-values = No trial of this experiment gave a value; see “Data quality”.
panel-title = { $metric }, { $workload }
panel-caption =
    { $title }. Rings are trials; marker and bar are the estimate with its interval. { $provenance }.
panel-alt =
    { $title }{ $unit ->
        [none] {""}
       *[some] {" "}in { $unit }
    }, estimate and interval of each arm. { $values }.
column-nic-of = NIC of
column-share = Share (%)
shares-caption = { $title }: the shares that the index is of, as parts of a trial's goodput. { $provenance }.
column-vms = VMs
column-for-each-vm = For each VM{ $unit }
slopes-caption =
    { $title }: what each additional VM adds. The slope of each block by least squares over its VM counts,
    then of these: { $provenance }.
column-not-complete = Not complete
estimates-caption =
    { $title }. { $provenance }. Each value leads to its logs under “Where each value comes from”.
column-compared = Compared
column-verdict-at = Verdict at 5 %
column-jointly = Jointly
column-verdict-jointly = Verdict jointly
column-bh = B-H
ratios-caption =
    { $title }: ratios. { $provenance }. { $better ->
        [less] Less is better, so a ratio below one is better.
       *[more] More is better, so a ratio above one is better.
    } { $families }
families =
    Jointly, in a family of { $least ->
        [one] 1 comparison
       *[other] { $least } comparisons
    } of one contrast, all of the experiment{ $how }; p of the signed-rank test, as it is and adjusted by Holm and by Benjamini and Hochberg (B-H).
families-of-sizes =
    Jointly, in a family of { $least } to { $most } comparisons of one contrast, all of the
    experiment{ $how }; p of the signed-rank test, as it is and adjusted by Holm and by Benjamini and
    Hochberg (B-H).
families-how = : intervals that all hold at once with { $level } ({ $method }, n = { $n })
compared =
    { $contrast ->
        [to-baseline] { $arm } to { $baseline }
        [to-idle] { $arm } to idle beside
        [to-untuned] { $arm } to untuned
        [to-version] { $arm } to { $baseline }
       *[to-part] { $arm } to { $baseline } alone
    }
arm-with-nics =
    { $arm }, { $n ->
        [one] 1 NIC
       *[other] { $n } NICs
    }
warned-of = Of { $names }: { $warning }.
warned-slope = the slope of { $arm }
warned-every =
    { $group ->
        [estimate] every estimate
        [ratio] every ratio
       *[slope] every slope
    }
distribution-title = RTT distribution, { $workload }
distribution-caption =
    { $title }. Share of all requests that were answered within a time; what a curve lacks to 100 % was lost. All trials together, as in the table. The bands are intervals at each time by itself{ $level ->
        [none] {""}
       *[some] {" "}({ $level }; score interval of the share over trials, allowing for trials that differ)
    }: packets of a trial aren't independent, trials are.
distribution-caption-more = { $title }.
distribution-alt = { $title }: share of requests answered within a time. { $curves }.
distribution-curve = { $arm }: { $got } replies to { $sent } requests, from { $least } to { $most } { $unit }
distribution-curve-none = { $arm }: no reply to { $sent } requests
distribution-axis = Answered within{ $unit }
distribution-table = { $title }: what the curves are of.
column-requests = Requests
column-replies = Replies
column-shortest = Shortest{ $unit }
column-longest = Longest{ $unit }
no-reply = none
ridges-title = Round-trip times and their quantiles, { $workload }
ridges-axis = Round-trip time{ $unit }
ridges-caption =
    { $title }. Ridges are all replies of an arm, each as high as its highest place; below them, from left
    to right, { $quantiles } with intervals: the median over trials of each trial's own quantile, with its
    interval from the trials; a quantile is made of trials with at least two replies beyond it. Of replies
    that came: the loss is beside. { $provenance }.
ridges-loss = loss { $loss } %
ridges-loss-unknown = loss not known
quantiles-caption = { $title }, each the median over trials of each trial's own. { $provenance }.
column-loss = Loss (%)
too-few-replies = too few replies

## Figures of an experiment over its panels

overview = Overview
workloads-title = { $metric }, all workloads
workloads-caption = { $title }. Estimate and interval. { $provenance }.
factor =
    { $factor ->
        [payload] Payload
        [time-between-requests] Time between requests
        [streams] Streams
        [message-size] Message size
        [offered-rate] Offered rate
        [instances] Instances
       *[nics-of-an-instance] NICs of an instance
    }
against-title =
    { $metric } against { $factor ->
        [payload] payload
        [time-between-requests] time between requests
        [streams] streams
        [message-size] message size
        [offered-rate] offered rate
        [instances] instances
       *[nics-of-an-instance] nics of an instance
    }
against-caption =
    { $title }, estimates with intervals. { $groups ->
        [one] { $workload }.
       *[other] One of { $groups } combinations of the other factors: { $workload }.
    }{ $slopes ->
        [no] {""}
       *[yes] {" "}Below the names: what each further instance adds, with its interval.
    } { $provenance }.
against-slope = +{ $slope } each
point-at-level = { $value } at { $level }
neighbours-title = { $metric } beside a neighbour under load, as a ratio to that beside an idle one
neighbours-caption =
    { $title }, { $workload }. Each cell: ratio, interval, verdict at 5 %; intervals of all loads hold at
    once where the campaign has the blocks for it. Blue is better than beside an idle neighbour, orange
    worse. { $provenance }.
needs-blocks = needs { $needs }
neighbour-load =
    { $workers ->
        [none] { $load }
       *[some] { $workers } x { $load }
    }
neighbour-place =
    { $place ->
        [host] on the host
       *[vm] in a VM beside
    }
heat-key = ratio
mixes-title = { $metric } of mixes beside their parts
mixes-caption = { $title }, { $workload }. { $provenance }.
tunings-title = { $metric } tuned, as a ratio to the same untuned
tunings-axis = { $metric }, ratio to untuned
versions-title =
    { $metric } by { $what ->
        [kernel] guest kernel
       *[qemu] QEMU
    }, as a ratio to the first
versions-axis =
    { $metric }, ratio to the first { $what ->
        [kernel] guest kernel
       *[qemu] QEMU
    }
ratios-figure-caption =
    { $title }. The grey band is a difference of at most 5 %. Intervals hold at once where the campaign has
    the blocks for it. { $provenance }.
figure-alt = { $title }. { $values }.

## The way of a packet

paths = The way of a packet
path-title = The way of a packet, { $arm }
paths-reading =
    What a packet passes on its way from the instance to the wire; one that comes in takes the same way
    back.
paths-emulated = Here the hardware is software: what is drawn as hardware is done by the emulator.
path-caption = { $title }. { $way } { $counters }
path-sentence = A packet goes from { $steps }.
path-sentence-interrupts =
    A packet goes from { $steps }; interrupts go from { $from } by way of { $step } ({ $note }).
path-step = { $title } ({ $note })
path-steps-joined = { $steps } to { $step }
path-counted = { $counter } { $value } at { $step }.
path-counter =
    { $metric ->
        [kvm-exits] VM exits
        [context-switches] switches
        [interrupts] interrupts
       *[host-cpu] host CPU
    }, { $unit ->
        [thousand] 1000/s
       *[other] { $unit }
    }
path-no-counters = The campaign has no counters of this arm by itself, undisturbed.
path-counters =
    Numbers are of { $workload }, of the whole host, each at the step that makes most of it ({ $provenance }).{ $cpu ->
        [none] {""}
       *[some] {" "}The host was busy with { $cpu } { $unit }.
    }
path-lane =
    { $lane ->
        [guest] Guest
        [container] Container
        [user] Host,
        [kernel] Host,
       *[hardware] Hardware
    }
path-lane-below =
    { $lane ->
        [user] processes
        [kernel] kernel
       *[other] {""}
    }
path-step-title =
    { $step ->
        [virtio-net] virtio-net
        [kvm] KVM
        [kvm-irqfd] KVM
        [kvm-vfio] KVM, VFIO
        [port-driver] port driver
        [nic-port] NIC port
        [bridge] bridge
        [iommu] IOMMU
        [vf-queues] VF queues
        [nic-switch] NIC switch
        [qemu] QEMU
        [tap] tap
        [tap-in-kernel] tap
        [vhost-thread] vhost thread
        [macvtap] macvtap
        [dpdk] DPDK
        [veth-to-socket] veth pair
        [veth-to-host] veth pair
        [vf-driver] VF driver
        [vf-driver-in-namespace] VF driver
        [container-program] program
        [host-program] program
       *[network-stack] network stack
    }
path-step-note =
    { $step ->
        [virtio-net] fills a virtqueue
        [kvm] exit, ioeventfd
        [kvm-irqfd] irqfd
        [kvm-vfio] inject, unless posted
        [port-driver] DMA, MSI-X
        [nic-port] to the wire
        [bridge] by MAC address
        [iommu] remaps DMA, MSI
        [vf-queues] rings of the VF
        [nic-switch] by MAC address
        [qemu] copies packets
        [tap] read, write
        [tap-in-kernel] in the kernel
        [vhost-thread] copies packets
        [macvtap] on the port
        [dpdk] polls virtqueue
        [veth-to-socket] packet socket
        [veth-to-host] to the host
        [vf-driver] fills VF’s rings
        [vf-driver-in-namespace] in the namespace
        [container-program] its network stack
        [host-program] on the host itself
       *[network-stack] sockets, routes
    }

## Claims

claims = Claims
claims-rule =
    A claim is judged by the interval of what it is about against the values that are as good as the
    claimed one, which are those within its tolerance. It is supported if the interval of every cell that
    it is about lies where the claim says, and contradicted if that of one lies where it can't, with all
    its cells as a family adjusted by Holm; otherwise it is inconclusive. Whether two intervals overlap is
    never asked.
claims-expected =
    Of a claim that is marked as expected the source asks the question; which way it answers isn't at hand,
    and the direction is what its reasoning leads one to expect.
column-in-words = In words, and whose
column-holds-if = Holds if
claims-table = Claims and what this campaign says of them.
claim-and-source = { $claim } ({ $source })
claims-cells =
    What each cell says of each claim. { $provenance }. Its values are in its experiment's section and,
    with their logs, under “Where each value comes from”.
claims-information =
    No test, since the test bed is emulated: what its numbers would say. Information about this test bed
    only. { $provenance }. Its values are in its experiment's section and, with their logs, under “Where
    each value comes from”.
claims-summary =
    { $n ->
        [one] 1 claim
       *[other] { $n } claims
    }: { $counts }.
claims-counted =
    { $n } { $verdict ->
        [supported] supported
        [contradicted] contradicted
        [inconclusive] inconclusive
       *[not-testable] not testable here
    }
claim-verdict =
    { $verdict ->
        [supported] supported
        [contradicted] contradicted
        [inconclusive] inconclusive
       *[not-testable] not testable here
    }
claim-verdict-why = { $verdict }: { $why }
claim-no-difference = no difference that matters
claim-of-cells = of { $cells } cells { $parts }
claim-cells-finding =
    { $n } { $finding ->
        [supports] support it
        [contradicts] contradict it
        [no-difference] show no difference that matters
        [undecided] are undecided
       *[none] have too few trials
    }
claim-finding =
    { $finding ->
        [supports] supports it
        [contradicts] contradicts it
        [no-difference] no difference that matters
       *[undecided] undecided
    }
claim-untestable =
    { $why ->
        [emulated] the test bed is emulated, and the claim is about hardware
        [synthetic] the numbers are made up
        [no-cells] the campaign has no such cell
        [no-counterparts] the campaign has no cell to compare these with
        [no-metric] the metric is not measured in these cells
        [no-values] no trial gave a value that can be used
       *[no-line-rate] no link speed of the port is known
    }
claim-too-few-trials = too few trials (n = { $n }, needs { $needs })
claim-source-expected = { $source }; expected
claim-asserted =
    { $estimand ->
        [ratio] Ratio
        [difference] Difference
        [slope] What each further instance adds
        [slope-difference] Difference of what each further instance adds
       *[fraction-of-line-rate] Share of the line rate
    } { $direction ->
        [lower] below { $low }
        [higher] above { $high }
        [equivalent] from { $low } to { $high }
        [at-most] at most { $high }
       *[at-least] at least { $low }
    } ({ $metric })
column-against-p = Against it: p
column-adjusted = Adjusted
cell-with = { $cell } with { $other }
claims-plain-holds = {"  "}holds if: { $asserted }
claims-plain-information = {"  "}no test, but for information, the numbers of this test bed:
claims-plain-basis = {" "}(n = { $n }, { $level }, { $method })
claims-plain-adjusted = ; against it p = { $p }, adjusted { $adjusted }

## Data quality

quality = Data quality
quality-ended =
    The campaign was ended after { $blocks ->
        [one] 1 block
       *[other] { $blocks } blocks
    } of at most { $most }: { $reason }.
quality-reading =
    A trial that failed is counted here and is no result; it is not a zero and it is not left out. Trials
    that were never begun are counted apart, since nothing was tried.
failures = Trials that are no result
failures-none = None: every planned trial is complete and gave its values.
log-warnings = Oddities in logs
log-warnings-none = None: every line of every log used was understood.
column-planned = Planned
column-complete = Complete
column-failed = Failed
column-interrupted = Interrupted
column-missing = Missing
column-success = Success (%)
success-caption =
    Trials of each cell. Success is the share of complete trials among those begun. { $provenance }.
column-state = State
column-reason = Reason
trial-state = { $state }
failures-caption =
    Trials that failed, were interrupted or never begun, and complete ones whose log gave no value
    (unusable).
column-kind = Kind
column-count = Count
column-first-at = First at
column-text-there = Text there
log-warning-kind = { $kind }
log-warnings-caption = Oddities in logs, by kind, each with its first place.
time-spent = Where the time went
column-phase = Phase
column-median-s = Median (s)
column-longest-s = Longest (s)
column-total-s = Total (s)
column-share-of-time = Share (%)
phase = { $phase }
time-caption =
    Time of the complete trials by phase. Descriptive: what it was in the trials that had the phase.
time-built = Building what is there throughout took { $times }.
time-torn-down = Putting the host back took { $times }.
time-seconds = { $seconds } s
time-then = { $times }, then { $time }
start-skew =
    The measuring commands of a trial with several started { $median } ms apart from first to last in the median of { $trials ->
        [one] 1 trial
       *[other] { $trials } trials
    }, and { $largest } ms at most.

## Stability, and what measuring costs

drift = Drift over the campaign
drift-unknown = Not known: no cell has the six trials that vary which a trend is made of.
drift-found =
    Of { $trends ->
        [one] 1 trend
       *[other] { $trends } trends
    } (a metric of a cell each) { $found } drift: p by Mann and Kendall is at most 0.05 when adjusted by Holm for the cells of the experiment in the metric. Blocks are in random order within, so that a drift doesn’t become a difference between arms.
drift-title = { $metric } over the campaign
drift-caption =
    { $title }. { $shown ->
        [all] Every trial
       *[some] Trials, of each arm with more than { $most } no more, evenly spaced,
    } over the median of its cell, by block; all workloads together. Descriptive; the trends are in the table.
drift-alt = { $title }. { $trials } trials in the order of the blocks; the trends are in the table.
drift-axis = Trial over the median of its cell
drift-block = Block
column-slope = Slope a block
column-whole = Whole (%)
drift-table =
    Trend of a cell’s trials over the blocks; whole: what it comes to over the campaign, of the median. { $shown ->
        [all] {""}
       *[some] The { $shown } of { $all } with the smallest p.{" "}
    }{ $provenance }.
column-experiment = Experiment
column-judged = Trials judged
column-autocorrelation = Autocorrelation
column-dependent = Dependent (%)
column-worth = Worth (%)
column-flat = Flat
column-warm-up = Warm-up
column-slowing = Slowing
column-never-steady = Never steady (%)
behaviour-caption =
    Successive replies within the trials of each arm, of many trials a part evenly spaced over them.
    Autocorrelation is that at lag 1; dependent are trials with p below 0.01 by Ljung and Box; worth is the
    effective sample size over the replies; flat, warm-up, slowing and never steady are the classes of
    Barrett et al. (2017), of trials with enough replies. { $provenance }.
within-trials = Within trials
within-trials-reading =
    Replies of a trial follow each other and aren’t independent values: this is why every interval in this
    report is made from trials. What is said of all replies of a trial includes its warm-up.
outliers = Trials far from the others
outliers-none =
    None: no trial lies more than 3.5 deviations (by the median absolute deviation) from the median of its
    cell.
column-block = Block
column-class = Class
outliers-caption =
    Trials more than 3.5 deviations from the median of their cell, extreme ones more than 7 (modified z of Iglewicz and Hoaglin, 1993; of logarithms where all are above zero). They are marked, and are in every estimate.{ $shown ->
        [all] {""}
       *[some] {" "}The first { $shown } of { $all }.
    }
outlier-class =
    { $class ->
        [extremely-low] extremely low
        [low] low
        [regular] regular
        [high] high
       *[extremely-high] extremely high
    }
overhead = What measuring itself costs
overhead-unknown =
    Not known: the campaign has no native arm (port to port, without a guest), which would tell.
column-without-guest = Without a guest
calibration-caption =
    Calibration: what the same tools say from port to port. A result can’t be better than the tools’ own,
    and what lies near it speaks of them. { $provenance }.
overhead-share =
    Of the time of all complete trials { $percent } % was spent measuring; the rest is boots, preparation
    and clearing up.

## Environment

environment = Environment
environment-host =
    { $emulated ->
        [yes] Test host (emulated)
       *[no] Host
    }
environment-outer = Machine that emulated the test host
environment-generator = Host of the generator
environment-changes = Changes during the campaign
environment-changes-reading =
    The campaign was resumed on a host that had changed, which was accepted: trials before and after aren't
    of the same host.
environment-guests = Guests
environment-software = Software
fact-cpu = CPU
cpus-online = { $cpu }, { $cpus } online
fact-memory = Memory
fact-kernel = Kernel
fact-command-line = Command line
not-recorded = not recorded
fact-microcode = Microcode
fact-governor = Governor
fact-smt = SMT
fact-clock-source = Clock source
fact-accelerator = Accelerator
fact-qemu = QEMU
fact-ssh = Reached by ssh as
column-interface = Interface
column-used-for = Used for
column-driver = Driver
column-pci = PCI address
column-device = Device
column-link = Link (Mbit/s)
column-vfs = VFs
column-firmware = Firmware
nic-unused = nothing
nics-caption = Network interfaces.
guests-each =
    Each has { $cpus ->
        [one] 1 virtual CPU
       *[other] { $cpus } virtual CPUs
    } and { $memory } of memory; { $boots ->
        [one] 1 boot
       *[other] { $boots } boots
    } at a time. The drivers are what the guest itself found bound to its NICs.
guests-none = No guest was booted.
column-guest = Guest
column-boot = Boot
column-up-after = Up after (s)
column-drivers = Drivers of its NICs
column-console = Console log
column-failure = Failure
guest-not-up = not up
drivers-none = none seen
failure-none = none
guests-caption = Guests by boot.
guests-failed-caption = Guests that did not come up, by boot.
guests-by-name-caption = Guests over all their boots.
column-boots = Boots
column-boots-failed = Failed
column-up-after-median = Up after (s), median
column-up-after-most = At most
vf-drivers-none =
    No guest reported a virtual function's driver, so nothing here shows that a VF was in use in a VM.
vf-drivers = A virtual function's driver was in use in guests: { $drivers }.
software-from =
    From { $provider }. Digests are the first 12 digits of SHA-256; campaign.json and “Digests” have them
    whole.
provider-unnamed = an unnamed provider
fact-flake = Flake
fact-nixpkgs-locked = nixpkgs of the lock
fact-nixpkgs-used = nixpkgs used
nixpkgs-locked = nixpkgs is that of the lock.
nixpkgs-differs = Built from another nixpkgs than that of the lock:
nixpkgs-other-hash = nixpkgs has the narHash { $used }, the lock has { $locked }
nixpkgs-other-commit = nixpkgs is at { $used }, the lock has { $locked }
flake-of-no-commit = no commit: changed, or with another input than the lock's
no-known-commit = no known commit
column-name = Name
column-from = From
column-guest-kernel = Guest kernel
column-qemu = QEMU
column-levels = Levels
column-different = Different from its lock
variants-caption = Further kernels of the guests and further QEMUs; all else is the same.
none-of-these = none
column-artifact = Artifact
column-size = Size
column-sha256 = SHA-256
artifacts-none = No artifact is recorded.
artifacts-caption = Kernels, images and programs.
column-package = Package
packages-none = No package is recorded.
packages-caption = Packages whose files are in the images.
packages-locked = All packages are those of the lock.
packages-differ = Different from the lock:

## Methods, and where values come from

methods = Methods
column-formula = Source of the formula
methods-caption = Methods used in this report.
methods-unit =
    The unit of all inference is the trial, not the packet and not the second: what varies within a trial
    describes that trial.
methods-order =
    Trials ran in { $blocks ->
        [one] 1 block
       *[other] { $blocks } blocks
    } of all cells, each in its own random order from seed { $seed }, so that a drift of the machine isn't taken for a difference between arms. Ratios pair the two trials of a block.
methods-intervals =
    Two arms are compared by the interval of their ratio, never by whether two intervals overlap.
methods-verdict =
    A verdict weighs that interval against 5 % either way: better or worse if all of it lies beyond,
    equivalent if all lies within, inconclusive otherwise.
methods-families =
    Comparisons of an experiment in one metric and one contrast are a family, declared by the matrix. Joint
    intervals are of geometric means and hold for all of a family at once (Westfall & Young, 1993, or
    Bonferroni); p-values are Wilcoxon’s, adjusted by Holm (1979) and by Benjamini & Hochberg (1995). A
    comparison without a value counts in its family.
methods-few-blocks =
    With { $blocks } blocks p of a signed-rank test is at least { $least }, so adjusted by Holm no p can be 0.05
    or less in a family of more than { $most } comparisons. Here there are families of up to { $family }: in
    those “jointly” rests on the joint intervals alone.
methods-gate = Where a sample is too small for an interval of the level asked for, there is no number.
methods-shares =
    A share (loss) is events over attempts of all trials, with an interval that allows for trials that
    differ. A rate is total bits over total time. Shares and counts aren't compared by ratio, since they
    can be zero.
methods-fairness =
    Jain's index is made within each trial, from what each NIC got in it (Jain, Chiu & Hawe, DEC-TR-301,
    1984); a cell's is the median of its trials', with an interval between two of them, which can't leave [1/n,
    1].
methods-counters =
    Host counters are the differences between the first and the last snapshot of a trial. CPU for a Gbit is
    all busy time of the host over what arrived; a warm-up that the tool leaves out counts as moved at the
    rate of the rest. Packets are those that the tool counts: echo requests and replies, datagrams.
methods-stopped =
    The campaign was ended by the width of its intervals after a whole block, never by what they say of a
    difference.
methods-digits =
    Numbers carry as many decimals as give the width of their interval two digits. Rates have decimal
    prefixes: 1 Mbit/s is 1,000,000 bit/s. Figures and tables of a panel share one unit.
sources = Where each value comes from
sources-reading =
    Each trial's value, the log it was read from and the lines of that log, below the campaign's directory.
sources-caption = { $metric }, { $workload }{ $unit }.
digests = Digests
column-name-and-version = Name and version
digests-caption = Artifacts and packages with their whole digests.

## Two campaigns compared

compare-title = Two campaigns compared
compare-campaigns = { $first } and { $second }
compare-description = { $second } against { $first }
compare-byline = { $name }, begun { $started }
compare-side =
    { $byline }, matrix { $matrix }, { $testbed ->
        [attached] attached
        [synthetic] synthetic
       *[emulated] emulated
    } test bed, { $complete } of { $planned } trials complete
fact-first = First
fact-second = Second
fact-threshold = Threshold
compare-testbeds-differ =
    One ran on an emulated test bed and one on hardware: what they differ in says nothing of either.
compare-changes = Worse first, then better: beyond the threshold with all comparisons together. { $made }
compare-metric-caption =
    { $metric }, { $better ->
        [less] less is better
       *[more] more is better
    }. { $made }
compare-figure-title = { $metric }, second campaign against the first
compare-figure-axis =
    { $metric }, second over first; { $better ->
        [less] less is better
       *[more] more is better
    }
compare-figure-caption =
    { $title }: { $drawn ->
        [one] the one cell
       *[many] { $drawn } cells
    } of { $of }, by experiment, those that changed most surely first. The grey band is a difference of at most
    { $threshold } %. { $provenance }.
compare-made =
    Second over first, of a share or an index second less first. { $provenance }; all together { $level ->
        [none] at no level that so few trials reach
       *[some] at { $level } %
    }.
compare-nothing = Nothing was compared: the campaigns have no cell in common that has a value in both.
compare-summary =
    { $n ->
        [one] 1 comparison
       *[other] { $n } comparisons
    } of the second campaign with the first, all together: { $counts }.
compare-counted =
    { $n } { $verdict ->
        [better] better
        [worse] worse
        [equivalent] equivalent
        [inconclusive] inconclusive
       *[none] with too few trials for an interval of so many
    }
compare-unmatched =
    { $summary } Without a partner: { $n ->
        [one] 1 cell
       *[other] { $n } cells
    }.
compare-differs = What differs between the campaigns
compare-differs-nothing =
    Nothing that is recorded: tool, test bed, hosts, software and the matrices' heads are the same.
column-what = What
compare-differs-caption = What isn't the same of tool, test bed, hosts, software and the matrices' heads.
compare-differs-reading = A change of a cell can come of any of these.
value-none = none
compare-cells = Cells
compare-cells-none = None.
compare-warnings = Of these changes a reader must know:
compare-warning =
    { $n ->
        [one] 1 comparison
       *[other] { $n } comparisons
    }: { $warning }
column-change = Change
column-all-together = All together
compare-alone = Without a partner
column-why = Why
compare-alone-why =
    { $reason ->
        [only-in-first] only in the first campaign
        [only-in-second] only in the second campaign
        [other-workload] in both, with another count, duration or warm-up
       *[other-tuning] in both, with other levers under the tuning's name
    }
compare-alone-caption = Cells that were not compared.
compare-methods = How this was compared
compare-methods-samples =
    Blocks of two campaigns have nothing in common, so their trials are two independent samples: the value
    is the Hodges-Lehmann ratio (of what has none the difference), the interval inverts the Mann-Whitney
    test.
compare-methods-verdict =
    Better and worse are said if the whole interval lies beyond { $percent } % (of a share or an index:
    beyond { $share } in it), equivalent if it lies within, inconclusive otherwise.
compare-methods-levels =
    By itself each interval has the level { $level }. With { $n ->
        [one] 1 comparison
       *[other] { $n } comparisons
    } some would miss, so the verdict is by intervals of the level { $each } %, all of which hold at once at { $level } or more (Bonferroni).
compare-methods-else =
    What two campaigns differ in beside what was meant to be changed (boots, time, load of the host) is in
    the change too.

## Campaigns on several hosts

pool-title = Campaigns on several hosts
pool-description =
    Ratios to the baseline on { $n ->
        [one] 1 host
       *[other] { $n } hosts
    }
pool-reading =
    Within a host blocks are the unit. Over hosts the host is the unit, with the geometric mean of its
    blocks' ratios as its value: that interval speaks of hosts like these, the others each of one host.
pool-too-few =
    Too few hosts for an interval over them (n = { $n }, needs { $needs }): they stand side by side.
pool-none = No ratio to the baseline is there on every host.
pool-partial = Not on every host, and left out:
pool-ratios = Ratios to the baseline
column-ratio-to-baseline = Ratio to the baseline
column-on = On
pool-all-hosts = all hosts
pool-caption = On each host and over all. { $provenance }.
pool-figure-title = { $metric }, ratios to the baseline
pool-figure-axis =
    { $metric }, ratio to the baseline; { $better ->
        [less] less is better
       *[more] more is better
    }
pool-figure-caption =
    { $title }, on each host and over all: { $drawn ->
        [one] 1 ratio
       *[other] { $drawn } ratios
    } of { $of }, in the order of the matrix. Within the grey band (5 %) arms are called equivalent. { $provenance }.
column-least-and-most = Least and most on a host
column-sd-hosts = SD between hosts
column-sd-blocks = SD between blocks
from-to = { $least } to { $most }
heterogeneity-caption =
    How much hosts differ, beside how much blocks of a host do: standard deviations of the ratio's natural
    logarithm, by the mean squares of both levels; 0 if none can be seen. Descriptive.
