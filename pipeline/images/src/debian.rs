//! Debian's packages, fetched by apt under a configuration of its own and unpacked into a
//! cache directory.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::{Deserialize, Serialize};
use vnicbench_model::Package;
use vnicbench_model::store::{sha256_bytes, sha256_file, write_json};

use crate::error::{ImageError, io_error};
use crate::parts::Parts;
use crate::root::{Layout, Root};

/// The release whose packages are used, whatever Debian this machine runs: its backports
/// have a QEMU with emulated SR-IOV, and programs run with their own libraries.
const SUITE: &str = "bookworm";
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// What the images need; apt adds what these depend on.
const PACKAGES: [&str; 36] = [
    "coreutils",
    "dash",
    "ethtool",
    "ibverbs-providers",
    "iperf",
    "iperf3",
    "iproute2",
    "iputils-ping",
    "kmod",
    "libjansson4",
    "librte-bitratestats23",
    "librte-bpf23",
    "librte-bus-auxiliary23",
    "librte-cmdline23",
    "librte-crypto-scheduler23",
    "librte-gro23",
    "librte-gso23",
    "librte-latencystats23",
    "librte-mempool-ring23",
    "librte-net-af-packet23",
    "librte-net-bnxt23",
    "librte-net-bond23",
    "librte-net-dpaa23",
    "librte-net-i40e23",
    "librte-net-ice23",
    "librte-net-ixgbe23",
    "librte-net-mlx5-23",
    "librte-net-vhost23",
    "librte-pdump23",
    "linux-image-amd64",
    "openssh-client",
    "openssh-server",
    "qemu-system-x86",
    "seabios",
    "stress",
    "stress-ng",
];

/// Taken without what they depend on: dpdk-testpmd is in a package that would bring a compiler
/// and headers; the libraries that it is linked with are those above.
const ALONE: [&str; 1] = ["dpdk-dev"];

/// Which packages are fetched, and where they are unpacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Selection {
    /// All that images are made from, from the backports where these have them.
    Whole,
    /// The release's own kernel and QEMU, without the backports: a variant.
    Older,
}

impl Selection {
    /// Its directory below the cache, and its name.
    fn name(self) -> &'static str {
        match self {
            Self::Whole => "debian",
            Self::Older => "debian-older",
        }
    }

    /// The release whose versions are preferred.
    fn target(self) -> &'static str {
        match self {
            Self::Whole => "bookworm-backports",
            Self::Older => SUITE,
        }
    }

    /// What is needed; apt adds what these depend on.
    fn packages(self) -> &'static [&'static str] {
        match self {
            Self::Whole => &PACKAGES,
            Self::Older => &["linux-image-amd64", "qemu-system-x86", "seabios"],
        }
    }

    /// What is taken by itself.
    fn alone(self) -> &'static [&'static str] {
        match self {
            Self::Whole => &ALONE,
            Self::Older => &[],
        }
    }

    fn lock(self) -> &'static str {
        match self {
            Self::Whole => include_str!("../debian.lock"),
            Self::Older => include_str!("../debian-older.lock"),
        }
    }
}

/// The packages that the project was tested with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    packages: BTreeMap<String, Package>,
}

/// A lock file that can't be read.
#[derive(Debug, thiserror::Error)]
#[error("debian.lock:{line}: not \"name version sha256\"")]
pub struct LockError {
    line: usize,
}

impl Lock {
    /// The lock that this build came with.
    ///
    /// # Errors
    ///
    /// [`LockError`] with the line.
    pub fn built_in(selection: Selection) -> Result<Self, LockError> {
        Self::parse(selection.lock())
    }

    /// Reads `name version sha256` lines; `#` starts a comment.
    ///
    /// # Errors
    ///
    /// [`LockError`] with the line.
    pub fn parse(text: &str) -> Result<Self, LockError> {
        let mut packages = BTreeMap::new();
        for (index, line) in text.lines().enumerate() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let fields: Vec<&str> = line.split(' ').collect();
            let [name, version, sha256] = fields[..] else {
                return Err(LockError { line: index + 1 });
            };
            let package = Package {
                name: name.into(),
                version: version.into(),
                sha256: sha256.into(),
                ..Package::default()
            };
            packages.insert(name.to_owned(), package);
        }
        Ok(Self { packages })
    }

    /// The text of a lock for these packages.
    pub fn text(packages: &[Package]) -> String {
        let mut text = String::from(
            "# Packages that the images were made from and tested with: name version sha256.\n",
        );
        for package in packages {
            text.push_str(&format!(
                "{} {} {}\n",
                package.name, package.version, package.sha256
            ));
        }
        text
    }

    /// Its packages, by name.
    pub fn packages(&self) -> Vec<Package> {
        self.packages.values().cloned().collect()
    }

    /// Where the packages differ from the lock, in words.
    pub fn differences(&self, packages: &[Package]) -> Vec<String> {
        let mut differences = Vec::new();
        for package in packages {
            let Package {
                name,
                version,
                sha256,
                ..
            } = package;
            match self.packages.get(name) {
                None => differences.push(format!("{name} {version} is not in the lock")),
                Some(locked) if locked.version != *version => {
                    differences.push(format!(
                        "{name} is {version}, the lock has {}",
                        locked.version
                    ));
                }
                Some(locked) if locked.sha256 != *sha256 => {
                    differences.push(format!(
                        "{name} {version} has another SHA-256 than in the lock"
                    ));
                }
                Some(_) => {}
            }
        }
        let gone = self
            .packages
            .values()
            .filter(|locked| packages.iter().all(|package| package.name != locked.name));
        differences.extend(gone.map(|locked| {
            format!(
                "{} {} of the lock was not needed",
                locked.name, locked.version
            )
        }));
        differences
    }
}

const STAMP: &str = "packages.json";

/// Written last: a tree with a stamp is whole.
#[derive(Serialize, Deserialize)]
struct Stamp {
    /// Of the lock at the time; a new lock means fetching anew.
    lock: String,
    packages: Vec<Package>,
}

/// The packages below `cache` that [`fetch`] unpacked, if they are those of this lock.
pub fn fetched(cache: &Path, selection: Selection) -> Option<Parts> {
    let directory = cache.join(selection.name());
    let root = Root::new(&directory.join("root"), Layout::Distribution);
    let stamp = fs::read(directory.join(STAMP)).ok()?;
    let stamp: Stamp = serde_json::from_slice(&stamp).ok()?;
    let lock = sha256_bytes(selection.lock().as_bytes());
    let whole = stamp.lock == lock && root.path().is_dir();
    let differences = Lock::built_in(selection).ok()?;
    let differences = differences.differences(&stamp.packages);
    whole.then(|| Parts::unpacked(selection.name(), root, stamp.packages, differences))
}

/// Fetches and unpacks the packages below `cache`, unless that was done before.
///
/// `say` gets a line for each step that takes time.
///
/// # Errors
///
/// [`ImageError`] if apt or dpkg-deb is missing or fails, or the cache can't be written.
pub fn fetch(
    cache: &Path,
    selection: Selection,
    say: &mut dyn FnMut(&str),
) -> Result<Parts, ImageError> {
    let directory = cache.join(selection.name());
    fs::create_dir_all(&directory).map_err(io_error("make", &directory))?;
    // Two runs at the same time would unpack over each other.
    let lock_path = directory.join("lock");
    let lock_file = File::create(&lock_path).map_err(io_error("make", &lock_path))?;
    lock_file.lock().map_err(io_error("lock", &lock_path))?;

    if let Some(parts) = fetched(cache, selection) {
        return Ok(parts);
    }

    let lock = Lock::built_in(selection)?;
    let root = Root::new(&directory.join("root"), Layout::Distribution);
    let apt = Apt::configure(&directory.join("apt"), selection)?;
    say("reading the package lists");
    apt.run("reading Debian's package lists", &["update", "-qq"], None)?;
    let wanted = apt.resolve(selection)?;
    say(&format!("fetching {} packages", wanted.len()));
    let debs = directory.join("debs");
    fs::create_dir_all(&debs).map_err(io_error("make", &debs))?;
    let mut download = vec!["download".to_owned(), "-qq".to_owned()];
    download.extend(
        wanted
            .iter()
            .map(|(name, version, _)| format!("{name}={version}")),
    );
    apt.run("fetching Debian packages", &download, Some(&debs))?;

    say("unpacking");
    let partial = directory.join("root.partial");
    remove_tree(&partial)?;
    fs::create_dir_all(&partial).map_err(io_error("make", &partial))?;
    let mut packages = Vec::new();
    for (name, version, file) in wanted {
        let deb = debs.join(file);
        let arguments = ["-x".as_ref(), deb.as_os_str(), partial.as_os_str()];
        run(
            "unpacking a package",
            "dpkg-deb",
            "dpkg",
            Command::new("dpkg-deb").args(arguments),
        )?;
        packages.push(Package {
            name,
            version,
            sha256: sha256_file(&deb)?,
            ..Package::default()
        });
    }
    packages.sort();
    remove_tree(root.path())?;
    fs::rename(&partial, root.path()).map_err(io_error("name", &partial))?;
    write_json(
        &directory.join(STAMP),
        &Stamp {
            lock: sha256_bytes(selection.lock().as_bytes()),
            packages: packages.clone(),
        },
    )?;
    let differences = lock.differences(&packages);
    Ok(Parts::unpacked(
        selection.name(),
        root,
        packages,
        differences,
    ))
}

fn remove_tree(path: &Path) -> Result<(), ImageError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(io_error("remove", path)(error))
        }
        _ => Ok(()),
    }
}

/// apt with state, cache and sources of its own: it neither reads nor changes what is
/// installed on this machine, and an ordinary user may run it.
struct Apt {
    configuration: PathBuf,
}

impl Apt {
    fn configure(directory: &Path, selection: Selection) -> Result<Self, ImageError> {
        for part in ["state/lists/partial", "cache/archives/partial"] {
            let path = directory.join(part);
            fs::create_dir_all(&path).map_err(io_error("make", &path))?;
        }
        let write = |name: &str, text: String| {
            let path = directory.join(name);
            fs::write(&path, text)
                .map_err(io_error("write", &path))
                .map(|()| path)
        };
        let mirror = mirror()?;
        write("status", String::new())?;
        let source = format!("deb [signed-by={KEYRING}] {mirror}");
        let target = selection.target();
        let mut suites = vec![SUITE, target];
        suites.dedup();
        let lines = suites
            .iter()
            .map(|suite| format!("{source} {suite} main\n"));
        write("sources.list", lines.collect())?;
        let at = directory.display();
        let configuration = write(
            "apt.conf",
            format!(
                "Dir::State \"{at}/state\";\nDir::State::status \"{at}/status\";\nDir::Cache \"{at}/cache\";\n\
                 Dir::Etc::sourcelist \"{at}/sources.list\";\nDir::Etc::sourceparts \"/dev/null\";\n\
                 Dir::Etc::preferences \"/dev/null\";\nDir::Etc::preferencesparts \"/dev/null\";\n\
                 APT::Architecture \"amd64\";\nAPT::Architectures {{ \"amd64\"; }};\nAPT::Sandbox::User \"root\";\n\
                 APT::Install-Recommends \"false\";\nAPT::Default-Release \"{target}\";\n\
                 Acquire::Languages \"none\";\nAcquire::Retries \"3\";\n"
            ),
        )?;
        Ok(Self { configuration })
    }

    fn run(
        &self,
        what: &str,
        arguments: &[impl AsRef<str>],
        directory: Option<&Path>,
    ) -> Result<String, ImageError> {
        let mut command = Command::new("apt-get");
        command
            .arg("-c")
            .arg(&self.configuration)
            .args(arguments.iter().map(AsRef::as_ref))
            .env("LC_ALL", "C");
        if let Some(directory) = directory {
            command.current_dir(directory);
        }
        run(what, "apt-get", "apt", &mut command)
    }

    /// The packages and all they depend on: name, version and file name.
    fn resolve(&self, selection: Selection) -> Result<Vec<(String, String, String)>, ImageError> {
        let mut arguments = vec!["install", "--print-uris", "-y", "-qq"];
        arguments.extend(selection.packages());
        let mut printed = self.run("resolving the packages' dependencies", &arguments, None)?;
        if !selection.alone().is_empty() {
            let mut arguments = vec!["download", "--print-uris", "-qq"];
            arguments.extend(selection.alone());
            // apt says nothing of a package whose file is where it would put it.
            let empty = self.configuration.parent();
            printed.push_str(&self.run("looking for packages", &arguments, empty)?);
        }
        let files = printed
            .lines()
            .filter(|line| line.starts_with('\''))
            .filter_map(|line| line.split(' ').nth(1));
        let mut wanted = Vec::new();
        for file in files {
            let mut fields = file.split('_');
            let (Some(name), Some(version)) = (fields.next(), fields.next()) else {
                continue;
            };
            // apt writes an epoch's colon as %3a.
            wanted.push((
                name.to_owned(),
                version.replace("%3a", ":"),
                file.to_owned(),
            ));
        }
        Ok(wanted)
    }
}

/// The mirror that this machine's apt uses, so that no other is ever asked.
fn mirror() -> Result<String, ImageError> {
    if let Ok(mirror) = std::env::var("VNICBENCH_DEBIAN_MIRROR") {
        return Ok(mirror);
    }
    let mut files = vec![PathBuf::from("/etc/apt/sources.list")];
    let parts = fs::read_dir("/etc/apt/sources.list.d")
        .into_iter()
        .flatten();
    let mut parts: Vec<PathBuf> = parts.filter_map(|entry| Some(entry.ok()?.path())).collect();
    parts.sort();
    files.extend(parts);
    let texts = files
        .iter()
        .filter_map(|file| fs::read_to_string(file).ok());
    texts
        .into_iter()
        .find_map(|text| mirror_in(&text))
        .ok_or(ImageError::NoMirror)
}

/// The first URI of an apt source, in either format, that is a Debian archive.
fn mirror_in(sources: &str) -> Option<String> {
    let lines = sources
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with("deb ") || line.starts_with("URIs:"));
    let mut words = lines.flat_map(str::split_whitespace);
    let archive = words.find(|word| {
        let path = word.trim_end_matches('/');
        word.contains(":/") && (path.ends_with("/debian") || path.ends_with("/mirrors/debian.list"))
    })?;
    Some(archive.trim_end_matches('/').to_owned())
}

fn run(
    what: &str,
    program: &'static str,
    package: &'static str,
    command: &mut Command,
) -> Result<String, ImageError> {
    let output = match command.stdin(std::process::Stdio::null()).output() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(ImageError::NoProgram {
                program,
                purpose: "fetch the packages that images are made from",
                package,
            });
        }
        other => other.map_err(io_error("run", Path::new(program)))?,
    };
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = text.lines().collect();
    let mut command = format!("{command:?}");
    if command.len() > 300 {
        command.truncate(command.floor_char_boundary(300));
        command.push_str(" ...");
    }
    Err(ImageError::Command {
        what: what.to_owned(),
        command,
        status: output.status.to_string(),
        output: lines[lines.len().saturating_sub(12)..].join("\n"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_mirror_in_either_format() {
        let old =
            "# deb http://no/debian x\ndeb [arch=amd64] http://a.example/debian/ trixie main\n";
        assert_eq!(mirror_in(old).as_deref(), Some("http://a.example/debian"));
        let new = "Types: deb\nURIs: http://b.example/debian-security\n\nTypes: deb\nURIs: mirror+file:///etc/apt/mirrors/debian.list\n";
        assert_eq!(
            mirror_in(new).as_deref(),
            Some("mirror+file:///etc/apt/mirrors/debian.list")
        );
        assert_eq!(mirror_in("deb http://c.example/ubuntu noble main"), None);
    }

    #[test]
    fn a_moved_mirror_is_named() {
        let package = |name: &str, version: &str, sha256: &str| Package {
            name: name.into(),
            version: version.into(),
            sha256: sha256.into(),
            ..Package::default()
        };
        let lock = Lock::parse("# comment\na 1 x\nb 1 y\nc 1 z\n").unwrap();
        assert!(
            lock.differences(&[
                package("a", "1", "x"),
                package("b", "1", "y"),
                package("c", "1", "z")
            ])
            .is_empty()
        );
        let differences = lock.differences(&[
            package("a", "2", "w"),
            package("b", "1", "other"),
            package("d", "1", "v"),
        ]);
        assert_eq!(
            differences,
            [
                "a is 2, the lock has 1",
                "b 1 has another SHA-256 than in the lock",
                "d 1 is not in the lock",
                "c 1 of the lock was not needed",
            ]
        );
        assert_eq!(
            Lock::parse("a 1\n").unwrap_err().to_string(),
            "debian.lock:1: not \"name version sha256\""
        );
    }

    #[test]
    fn the_built_in_lock_is_readable() {
        assert!(
            Lock::built_in(Selection::Whole)
                .unwrap()
                .packages
                .contains_key("qemu-system-x86")
        );
    }
}
