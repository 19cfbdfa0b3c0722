//! The command line.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use vnicbench_host::{Accelerator, SshHost};
use vnicbench_package::Author;
use vnicbench_report::Format;

/// Measures virtual NICs (virtio, vhost, SR-IOV; VMs and containers) and reports with
/// confidence intervals.
#[derive(Debug, Parser)]
#[command(name = "vnicbench", version, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Everything: fetch, build images, run a matrix, report
    Reproduce(Reproduce),
    /// Say what this host can run, what is missing, and the command that mends it
    Doctor(Doctor),
    /// Print the cells of a matrix, how long it takes, and the order of its trials
    Plan(Plan),
    /// Run a matrix on this host's NIC (root), writing raw/<campaign>/
    Run(Run),
    /// Put this host back after a run that was killed, from its journal
    Restore(Restore),
    /// Kill and disturb campaigns on purpose, and check that host and trials survive it
    Faults(Faults),
    /// Make report.html and report.pdf from a campaign's raw logs
    Report(Report),
    /// Pack a campaign, its report and its tables into one archive, for artifact evaluation
    Package(Package),
    /// Make CSV and Parquet tables of a campaign, or of a directory of anyone's logs
    Ingest(Ingest),
    /// Read logs of ping, iperf, stress and the like, and of a host's counters
    Parse(Parse),
    /// Estimate and compare samples of numbers
    Stat(Stat),
    /// Compare two campaigns cell by cell, or pool campaigns of one matrix on several hosts
    Compare(Compare),
    /// Check a campaign's files against their checksums and its trials against the plan, and judge
    /// claims by its numbers; or check everything in a package
    Verify(Verify),
    /// Fetch the packages and print a lock of what the mirror has
    #[command(hide = true)]
    Lock(Lock),
    /// Make kernel and images, and nothing else
    #[command(hide = true)]
    Images(Images),
}

/// Where a campaign runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TestbedChoice {
    /// A test host in software: any machine, no root; its times say nothing of hardware
    Emulated,
    /// This host's own NIC; needs root
    Attached,
}

/// The language of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lang {
    /// English
    En,
    /// Korean
    Ko,
}

impl From<Lang> for vnicbench_report::Language {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::En => Self::English,
            Lang::Ko => Self::Korean,
        }
    }
}

/// What every command that runs something is told.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// Where fetched packages are kept [default: $XDG_CACHE_HOME/vnicbench]
    #[arg(long, value_name = "DIR", env = "VNICBENCH_CACHE")]
    pub(crate) cache: Option<PathBuf>,
    /// The static agent [default: built by "cargo agent", beside this program's directory]
    #[arg(long, value_name = "FILE", env = "VNICBENCH_AGENT")]
    pub(crate) agent: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) parts: PartsArguments,
    /// Directory of campaigns
    #[arg(long, value_name = "DIR", default_value = "raw")]
    pub(crate) raw: PathBuf,
    #[command(flatten)]
    pub(crate) state: State,
    /// Name of the campaign [default: <matrix>-<UTC time>]
    #[arg(long)]
    pub(crate) name: Option<String>,
}

/// Trees that programs, kernels, QEMUs and firmware are taken from.
#[derive(Debug, Args)]
pub(crate) struct PartsArguments {
    /// Programs, kernel and firmware: a tree that "nix build .#parts" makes, or a directory of such
    /// trees [default: Debian's packages, fetched]. Given again: trees that have further kernels of
    /// the guests and further QEMUs, for a matrix that names their versions
    #[arg(
        id = "parts",
        long = "parts",
        value_name = "DIR",
        env = "VNICBENCH_PARTS",
        value_delimiter = ':'
    )]
    pub(crate) directories: Vec<PathBuf>,
}

/// What a look at this host takes QEMU and images from.
#[derive(Debug, Args)]
pub(crate) struct Packages {
    /// Fetch the packages if they aren't in the cache, so that QEMU and KVM can be tried
    #[arg(long)]
    pub(crate) fetch: bool,
    /// Where fetched packages are kept [default: $XDG_CACHE_HOME/vnicbench]
    #[arg(long, value_name = "DIR", env = "VNICBENCH_CACHE")]
    pub(crate) cache: Option<PathBuf>,
    /// The static agent [default: built by "cargo agent", beside this program's directory]
    #[arg(long, value_name = "FILE", env = "VNICBENCH_AGENT")]
    pub(crate) agent: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) parts: PartsArguments,
}

/// Where the journal of host changes is kept.
#[derive(Debug, Args)]
pub(crate) struct State {
    /// Directory of the journal of host changes, the same for every run on this host
    #[arg(
        id = "state",
        long = "state",
        value_name = "DIR",
        env = "VNICBENCH_STATE",
        default_value = "/var/lib/vnicbench"
    )]
    pub(crate) directory: PathBuf,
}

/// Which ports of this host are used; each an interface name or a MAC address.
#[derive(Debug, Args)]
pub(crate) struct PortArguments {
    /// The port whose VFs are measured [default: the only one that fits]
    #[arg(long, value_name = "NIC")]
    pub(crate) pf: Option<String>,
    /// The port at the other end of the PF's wire [default: the only one that fits]
    #[arg(long, value_name = "NIC")]
    pub(crate) generator: Option<String>,
    /// The port of the bridge that virtio and vhost use [default: the PF]
    #[arg(long, value_name = "NIC")]
    pub(crate) uplink: Option<String>,
    /// The port at the other end of the uplink's wire
    #[arg(long, value_name = "NIC")]
    pub(crate) uplink_generator: Option<String>,
    /// Use a named port even though it carries the default route, an address or a login
    #[arg(long)]
    pub(crate) i_know: bool,
}

/// Another host that has the generator's ports.
#[derive(Debug, Args)]
pub(crate) struct GeneratorHost {
    /// The host that --generator and --uplink-generator are on, reached by ssh as root
    /// [default: this host]
    #[arg(
        id = "generator_host",
        long = "generator-host",
        value_name = "[USER@]HOST[:PORT]",
        requires = "generator"
    )]
    pub(crate) host: Option<SshHost>,
    /// A private key for it [default: those of the ssh configuration]
    #[arg(
        id = "generator_key",
        long = "generator-key",
        value_name = "FILE",
        requires = "generator_host"
    )]
    pub(crate) key: Option<PathBuf>,
    /// The ssh configuration for it [default: root's own and the host's]
    #[arg(
        id = "generator_ssh_config",
        long = "generator-ssh-config",
        value_name = "FILE",
        requires = "generator_host"
    )]
    pub(crate) config: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Print all of it as JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) packages: Packages,
    #[command(flatten)]
    pub(crate) state: State,
    #[command(flatten)]
    pub(crate) ports: PortArguments,
    #[command(flatten)]
    pub(crate) generator: GeneratorHost,
}

#[derive(Debug, Args)]
pub(crate) struct Reproduce {
    /// Where to run
    #[arg(long, value_enum, default_value = "emulated")]
    pub(crate) testbed: TestbedChoice,
    /// The matrix
    #[arg(
        long,
        value_name = "FILE",
        env = "VNICBENCH_MATRIX",
        default_value = "pipeline/matrices/smoke.toml"
    )]
    pub(crate) matrix: PathBuf,
    /// Directory of reports
    #[arg(long, value_name = "DIR", default_value = "reports")]
    pub(crate) reports: PathBuf,
    /// Language of the report
    #[arg(long, value_enum, default_value = "en")]
    pub(crate) lang: Lang,
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(flatten)]
    pub(crate) ports: PortArguments,
    #[command(flatten)]
    pub(crate) generator: GeneratorHost,
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// Where to run [default: attached, or where the resumed campaign ran]
    #[arg(long, value_enum)]
    pub(crate) testbed: Option<TestbedChoice>,
    /// The matrix
    #[arg(long, value_name = "FILE", required_unless_present = "resume")]
    pub(crate) matrix: Option<PathBuf>,
    /// Go on with a campaign where it stopped
    #[arg(long, value_name = "DIR", conflicts_with_all = ["matrix", "name", "raw"])]
    pub(crate) resume: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(flatten)]
    pub(crate) ports: PortArguments,
    #[command(flatten)]
    pub(crate) generator: GeneratorHost,
    /// In the emulated test host: the generator in a namespace that is reached by ssh
    #[arg(long, hide = true)]
    pub(crate) generator_by_ssh: bool,
    /// Go on though host, tool or images are not what they were; what changed is recorded
    #[arg(long, requires = "resume")]
    pub(crate) accept_audit: bool,
    /// The kit: programs, kernel and images to use [default: made from the packages]
    #[arg(long, value_name = "FILE")]
    pub(crate) kit: Option<PathBuf>,
    /// Print events as lines of JSON
    #[arg(long)]
    pub(crate) events: bool,
    /// What executes guests here [default: found out by a boot]
    #[arg(long, value_name = "NAME", hide = true)]
    pub(crate) accelerator: Option<Accelerator>,
    /// Audit of the machine that emulates this host
    #[arg(long, value_name = "FILE", hide = true)]
    pub(crate) emulated_by: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Restore {
    #[command(flatten)]
    pub(crate) state: State,
    /// Print the result as a line of JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Faults {
    /// Where to run
    #[arg(long, value_enum, default_value = "emulated")]
    pub(crate) testbed: TestbedChoice,
    /// Kill after every N-th step of a campaign, 1 for each single one [default: three chosen ones]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) every: Option<u32>,
    /// Inject only the faults whose name contains this
    #[arg(long, value_name = "TEXT")]
    pub(crate) only: Option<String>,
    /// Print the results as JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(flatten)]
    pub(crate) ports: PortArguments,
    #[command(flatten)]
    pub(crate) generator: GeneratorHost,
    /// The kit: programs, kernel and images to use [default: made from the packages]
    #[arg(long, value_name = "FILE", hide = true)]
    pub(crate) kit: Option<PathBuf>,
    /// Audit of the machine that emulates this host
    #[arg(long, value_name = "FILE", hide = true)]
    pub(crate) emulated_by: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Plan {
    /// The matrix
    #[arg(
        long,
        value_name = "FILE",
        env = "VNICBENCH_MATRIX",
        default_value = "pipeline/matrices/smoke.toml"
    )]
    pub(crate) matrix: PathBuf,
    /// Print the trials in their order, with the boot of the guests that each runs in
    #[arg(long)]
    pub(crate) order: bool,
    /// Print the trials as lines of JSON
    #[arg(long, conflicts_with = "order")]
    pub(crate) json: bool,
    /// Directory of campaigns, for the times of boots and trials
    #[arg(long, value_name = "DIR", default_value = "raw")]
    pub(crate) raw: PathBuf,
    /// Where it would run: whose times are taken
    #[arg(long, value_enum, default_value = "attached")]
    pub(crate) testbed: TestbedChoice,
}

#[derive(Debug, Args)]
pub(crate) struct Report {
    /// The campaign: a directory below raw/
    pub(crate) campaign: PathBuf,
    /// Where the report goes [default: reports/<campaign>]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Claims to judge [default: those that stood beside the matrix]; see docs/claims.md
    #[arg(long, value_name = "FILE")]
    pub(crate) claims: Option<PathBuf>,
    /// Language of the report
    #[arg(long, value_enum, default_value = "en")]
    pub(crate) lang: Lang,
    /// Write figures/ and tables/ beside the report too, for use in a paper: each figure as svg,
    /// pdf and png, each table as csv, parquet, tex (booktabs) and md [default: all of them]
    #[arg(
        long,
        value_name = "FORMAT,...",
        num_args = 0..=1,
        require_equals = true,
        value_delimiter = ',',
        value_parser = PossibleValuesParser::new(Format::ALL.map(|format| format.name)),
        default_missing_values = Format::ALL.map(|format| format.name),
    )]
    pub(crate) export: Vec<String>,
    /// Where what was read and made is kept, by the digests of all it was made from, so that what is
    /// unchanged isn't made again [default: $XDG_CACHE_HOME/vnicbench]
    #[arg(long, value_name = "DIR", env = "VNICBENCH_CACHE")]
    pub(crate) cache: Option<PathBuf>,
    /// Read and make everything anew, and keep nothing
    #[arg(long)]
    pub(crate) no_cache: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Package {
    /// The campaign: a directory below raw/
    pub(crate) campaign: PathBuf,
    /// The archive [default: reports/vnicbench-<campaign>.tar.zst]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// A file of claims to put in [default: the campaign's own]
    #[arg(long, value_name = "FILE")]
    pub(crate) claims: Option<PathBuf>,
    /// An author, as "Name" or "Name (ORCID iD)"; may be given again
    #[arg(long = "author", value_name = "NAME")]
    pub(crate) authors: Vec<Author>,
    /// The time that the archive bears, in seconds since 1970 [default: the campaign's start]
    #[arg(
        long = "source-date-epoch",
        value_name = "SECONDS",
        env = "SOURCE_DATE_EPOCH",
        hide_env_values = true
    )]
    pub(crate) epoch: Option<u64>,
    /// Print the result as a line of JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Ingest {
    /// A campaign (a directory below raw/), or any directory of logs; compressed ones and
    /// archives are read too
    pub(crate) directory: PathBuf,
    /// How paths are mapped to factors; see docs/ingest.md
    #[arg(long, value_name = "FILE")]
    pub(crate) layout: Option<PathBuf>,
    /// Where the tables go [default: reports/<name of the directory>/tables]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Parse {
    /// Logs, plain, compressed or in archives; "-" is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// The tool that wrote them [default: told by their content]
    #[arg(long)]
    pub(crate) tool: Option<vnicbench_logs::Tool>,
    /// One line of JSON a file
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Stat {
    /// Numbers: the first word of each line (# begins a comment), one benchmark's output of go
    /// test, or a table (CSV, Parquet) and --column; the others are compared with the first; "-"
    /// is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// What is estimated: mean, median, or a percentile as p95 or p99.9 [default: median; mean for
    /// methods of means]
    #[arg(long)]
    pub(crate) statistic: Option<StatStatistic>,
    /// How its interval is made
    #[arg(long, value_enum, default_value = "auto")]
    pub(crate) method: StatMethod,
    /// Level of the intervals
    #[arg(long, default_value_t = 0.95)]
    pub(crate) level: f64,
    /// The n-th numbers of the files belong together
    #[arg(long)]
    pub(crate) paired: bool,
    /// Ratios nearer to 1 than this don't matter: 2% or 0.02
    #[arg(long, default_value = "2%")]
    pub(crate) threshold: Threshold,
    /// Less is better, as of times; otherwise more is
    #[arg(long)]
    pub(crate) lower_is_better: bool,
    /// The column of a table, by its name in the heading or counted from 1; the unit of Go's
    /// benchmarks
    #[arg(long, value_name = "NAME")]
    pub(crate) column: Option<String>,
    /// Where the bootstrap's randomness comes from
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Print a line of JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// How an interval is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum StatMethod {
    /// What covers its level for most data; two samples by Hodges-Lehmann
    Auto,
    /// Student's and Welch's t, of means
    T,
    /// Student's t with pooled variance
    Pooled,
    /// The same to ministat's digits, and in percent
    Ministat,
    /// Bootstrap, bias-corrected and accelerated; of one sample without resampling where that is
    /// exact
    Bca,
    /// Order statistics, of quantiles
    Order,
}

impl StatMethod {
    /// Whether it gives intervals of means alone.
    pub(crate) fn is_of_means(self) -> bool {
        matches!(self, Self::T | Self::Pooled | Self::Ministat)
    }
}

/// `mean`, `median`, `p95`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct StatStatistic(pub(crate) vnicbench_stats::auto::Target);

impl std::str::FromStr for StatStatistic {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        use vnicbench_stats::auto::Target;
        let percentile = text.strip_prefix('p').and_then(|p| p.parse::<f64>().ok());
        match (text, percentile) {
            ("mean", _) => Ok(Self(Target::Mean)),
            ("median", _) => Ok(Self(Target::Quantile(0.5))),
            (_, Some(p)) if p > 0.0 && p < 100.0 => Ok(Self(Target::Quantile(p / 100.0))),
            _ => Err(format!(
                "{text:?} is not mean, median, or a percentile as p95"
            )),
        }
    }
}

/// A fraction above 0, also in percent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Threshold(pub(crate) f64);

impl std::str::FromStr for Threshold {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (number, unit) = match text.strip_suffix('%') {
            Some(number) => (number, 100.0),
            None => (text, 1.0),
        };
        let value = number.trim().parse::<f64>().ok().map(|value| value / unit);
        value
            .filter(|value| *value > 0.0 && value.is_finite())
            .map(Self)
            .ok_or_else(|| format!("{text:?} is not a share above 0, as 2% or 0.02"))
    }
}

#[derive(Debug, Args)]
pub(crate) struct Compare {
    /// The campaigns: two, the second judged against the first; with --pool two or more
    #[arg(required = true, num_args = 2.., value_name = "CAMPAIGN")]
    pub(crate) campaigns: Vec<PathBuf>,
    /// Campaigns of one matrix on several hosts: ratios to the baseline on each and over all
    #[arg(long)]
    pub(crate) pool: bool,
    /// Write report.html, report.pdf, comparison.md and comparison.json there
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Ratios nearer to 1 than this don't matter: 5% or 0.05
    #[arg(long, default_value = "5%", conflicts_with = "pool")]
    pub(crate) threshold: Threshold,
    /// Language of the comparison
    #[arg(long, value_enum, default_value = "en")]
    pub(crate) lang: Lang,
    /// Print a line of JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Print Markdown, for a pull request
    #[arg(long, conflicts_with = "json")]
    pub(crate) markdown: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The campaign, a directory below raw/; or a package, packed or unpacked
    pub(crate) campaign: PathBuf,
    /// Compare this host with the one that the campaign was measured on instead
    #[arg(long, conflicts_with = "claims")]
    pub(crate) environment: bool,
    #[command(flatten)]
    pub(crate) packages: Packages,
    /// Claims to judge [default: those that stood beside the matrix]; see docs/claims.md
    #[arg(long, value_name = "FILE")]
    pub(crate) claims: Option<PathBuf>,
    /// Print the result as a line of JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Images {
    /// Where kernel, images and manifest.json go
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Boot a guest, and ask its programs for their versions
    #[arg(long)]
    pub(crate) boot: bool,
    /// Make no image, but copy what they are made from, as a tree for --parts that needs no store
    #[arg(long, conflicts_with = "boot")]
    pub(crate) copy: bool,
    /// Where fetched packages are kept
    #[arg(long, value_name = "DIR", env = "VNICBENCH_CACHE")]
    pub(crate) cache: Option<PathBuf>,
    /// The static agent
    #[arg(long, value_name = "FILE", env = "VNICBENCH_AGENT")]
    pub(crate) agent: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) parts: PartsArguments,
}

#[derive(Debug, Args)]
pub(crate) struct Lock {
    /// Of the older kernel and QEMU
    #[arg(long)]
    pub(crate) older: bool,
    /// Where fetched packages are kept
    #[arg(long, value_name = "DIR", env = "VNICBENCH_CACHE")]
    pub(crate) cache: Option<PathBuf>,
}
