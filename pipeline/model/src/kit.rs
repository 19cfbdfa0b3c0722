//! The kit: where the programs, kernels and images are that a campaign is run with.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::campaign::Environment;
use crate::matrix::Matrix;

/// Paths on the host that runs the guests, and where everything came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kit {
    /// What a campaign records.
    pub environment: Environment,
    /// How each program is started on the host: the words before its own arguments.
    /// Has `agent`, `ping`, `iperf3`, `iperf`, `stress`, `dpdk-testpmd` with the plugins that it
    /// opens.
    pub programs: BTreeMap<String, Vec<String>>,
    /// The guests' kernels; guests have the first where the matrix names none.
    pub guests: Vec<GuestKit>,
    /// The QEMUs; the first is used where the matrix names none, and for all else.
    pub qemus: Vec<QemuKit>,
}

/// A kernel of the guests, with the image made for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuestKit {
    /// The kernel's release, as in `6.12.95+deb12-amd64`.
    pub release: String,
    /// The kernel, uncompressed.
    pub kernel: PathBuf,
    /// The initramfs.
    pub image: PathBuf,
    /// VF drivers in the image: the files to load, in order.
    pub modules: BTreeMap<String, Vec<String>>,
}

/// A QEMU with its firmware.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QemuKit {
    /// Its version, as its package says.
    pub version: String,
    /// How it is started: the words before its own arguments.
    pub command: Vec<String>,
    /// Directories with its firmware.
    pub firmware: Vec<PathBuf>,
}

/// A version that a matrix names and that isn't there, or isn't one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VersionError {
    /// No environment has it.
    #[error("no environment has {factor} {level}; there {}", listed(there))]
    Unknown {
        /// `kernel` or `qemu`.
        factor: &'static str,
        /// As the matrix has it.
        level: String,
        /// Those that there are.
        there: Vec<String>,
    },
    /// Several environments have one.
    #[error("{factor} {level} may be {}; write more of the one that is meant", versions.join(" or "))]
    Several {
        /// `kernel` or `qemu`.
        factor: &'static str,
        /// As the matrix has it.
        level: String,
        /// Those that it may be.
        versions: Vec<String>,
    },
    /// Two levels of a factor are one version, so that nothing would be compared.
    #[error("{factor} {first} and {second} are both {version}")]
    Same {
        /// `kernel` or `qemu`.
        factor: &'static str,
        /// A level.
        first: String,
        /// And another one.
        second: String,
        /// What both are.
        version: String,
    },
}

fn listed(there: &[String]) -> String {
    match there {
        [] => "is none".to_owned(),
        [one] => format!("is {one} only"),
        several => format!("are {}", several.join(", ")),
    }
}

/// Whether a version is the one that a matrix names: 6.12 is 6.12.95 and not 6.120. A package's
/// epoch isn't part of it.
pub fn is_version(level: &str, version: &str) -> bool {
    let version = version
        .split_once(':')
        .map_or(version, |(_epoch, rest)| rest);
    let rest = version.strip_prefix(level);
    rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
}

impl Kit {
    /// The kernel that a matrix calls `level`; the first if it names none.
    ///
    /// # Errors
    ///
    /// [`VersionError`] if not exactly one is.
    pub fn guest(&self, level: Option<&str>) -> Result<&GuestKit, VersionError> {
        find("kernel", &self.guests, level, |guest| &guest.release)
    }

    /// The QEMU that a matrix calls `level`; the first if it names none.
    ///
    /// # Errors
    ///
    /// [`VersionError`] if not exactly one is.
    pub fn qemu(&self, level: Option<&str>) -> Result<&QemuKit, VersionError> {
        find("qemu", &self.qemus, level, |qemu| &qemu.version)
    }

    /// Whether everything is there that a matrix names, and each level of a factor is another.
    ///
    /// # Errors
    ///
    /// [`VersionError`] for the first level that isn't.
    pub fn check(&self, matrix: &Matrix) -> Result<(), VersionError> {
        let kernels: Vec<String> = self.guests.iter().map(|g| g.release.clone()).collect();
        let qemus: Vec<String> = self.qemus.iter().map(|q| q.version.clone()).collect();
        check_versions(matrix, &kernels, &qemus)
    }
}

/// Whether all is among these kernels and QEMUs that a matrix names, and each level of a factor is
/// another.
///
/// # Errors
///
/// [`VersionError`] for the first level that isn't.
pub fn check_versions(
    matrix: &Matrix,
    kernels: &[String],
    qemus: &[String],
) -> Result<(), VersionError> {
    let (kernel, qemu) = matrix.versions();
    distinct("kernel", &kernel, kernels)?;
    distinct("qemu", &qemu, qemus)
}

fn find<'a, T>(
    factor: &'static str,
    all: &'a [T],
    level: Option<&str>,
    version: impl Fn(&T) -> &String,
) -> Result<&'a T, VersionError> {
    let fits = |one: &&T| level.is_none_or(|level| is_version(level, version(one)));
    let found: Vec<&T> = all.iter().filter(fits).collect();
    match (found.as_slice(), level) {
        ([one], _) | ([one, ..], None) => Ok(one),
        ([], _) => Err(VersionError::Unknown {
            factor,
            level: level.unwrap_or("of any version").to_owned(),
            there: all.iter().map(|one| version(one).clone()).collect(),
        }),
        (several, Some(level)) => Err(VersionError::Several {
            factor,
            level: level.to_owned(),
            versions: several.iter().map(|one| version(one).clone()).collect(),
        }),
    }
}

fn distinct(
    factor: &'static str,
    levels: &BTreeSet<String>,
    all: &[String],
) -> Result<(), VersionError> {
    let mut seen: BTreeMap<&String, &String> = BTreeMap::new();
    for level in levels {
        let version = find(factor, all, Some(level), |version| version)?;
        if let Some(first) = seen.insert(version, level) {
            return Err(VersionError::Same {
                factor,
                first: first.clone(),
                second: level.clone(),
                version: version.clone(),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn kit(releases: &[&str], versions: &[&str]) -> Kit {
        Kit {
            environment: Environment::default(),
            programs: BTreeMap::new(),
            guests: releases
                .iter()
                .map(|release| GuestKit {
                    release: (*release).to_owned(),
                    kernel: PathBuf::new(),
                    image: PathBuf::new(),
                    modules: BTreeMap::new(),
                })
                .collect(),
            qemus: versions
                .iter()
                .map(|version| QemuKit {
                    version: (*version).to_owned(),
                    command: Vec::new(),
                    firmware: Vec::new(),
                })
                .collect(),
        }
    }

    #[test]
    fn a_level_is_the_beginning_of_a_version() {
        for (level, version) in [
            ("6.12", "6.12.95+deb12-amd64"),
            ("6.12.95", "6.12.95+deb12-amd64"),
            ("6.1", "6.1.0-53-amd64"),
            ("6.18.3", "6.18.3"),
            ("10.0", "1:10.0.2+ds-2+deb13u1~bpo12+1"),
        ] {
            assert!(is_version(level, version), "{level} {version}");
        }
        for (level, version) in [("6.1", "6.12.95"), ("6.12", "6.120.1"), ("1", "1:10.0.2")] {
            assert!(!is_version(level, version), "{level} {version}");
        }
    }

    #[test]
    fn what_is_not_there_is_named_with_what_is() {
        let kit = kit(&["6.12.95+deb12-amd64", "6.1.0-53-amd64"], &["1:10.0.2"]);
        assert_eq!(kit.guest(None).unwrap().release, "6.12.95+deb12-amd64");
        assert_eq!(kit.guest(Some("6.1")).unwrap().release, "6.1.0-53-amd64");
        let said = |error: VersionError| error.to_string();
        assert_eq!(
            kit.guest(Some("6.18")).map_err(said).unwrap_err(),
            "no environment has kernel 6.18; there are 6.12.95+deb12-amd64, 6.1.0-53-amd64"
        );
        assert_eq!(
            kit.guest(Some("6")).map_err(said).unwrap_err(),
            "kernel 6 may be 6.12.95+deb12-amd64 or 6.1.0-53-amd64; write more of the one that is meant"
        );
        assert_eq!(
            kit.qemu(Some("9.2")).map_err(said).unwrap_err(),
            "no environment has qemu 9.2; there is 1:10.0.2 only"
        );
    }

    #[test]
    fn levels_of_a_matrix_are_different_versions() {
        let kit = kit(&["6.12.95+deb12-amd64", "6.1.0-53-amd64"], &["1:10.0.2"]);
        let check = |kernels: &str| {
            let text = include_str!("../../matrices/smoke.toml").replace(
                "instance = [\"vm\"]",
                &format!("instance = [\"vm\"]\nkernel = {kernels}"),
            );
            let matrix = Matrix::parse(&text, Path::new("smoke.toml")).unwrap();
            kit.check(&matrix).map_err(|error| error.to_string())
        };
        assert_eq!(check("[\"6.12\", \"6.1\"]"), Ok(()));
        assert_eq!(
            check("[\"6.12\", \"6.12.95\"]").unwrap_err(),
            "kernel 6.12 and 6.12.95 are both 6.12.95+deb12-amd64"
        );
    }
}
