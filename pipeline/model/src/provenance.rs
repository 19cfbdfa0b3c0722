//! `provenance.json`: from which sources a flake built what is measured with.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Names the file, wherever it is.
pub const VARIABLE: &str = "VNICBENCH_PROVENANCE";
/// The file, beside the description of what was built.
pub const FILE: &str = "provenance.json";

/// The sources of what a flake built. In the file with `format` 1:
///
/// ```json
/// {
///   "format": 1,
///   "flake": { "rev": "<40 hex digits>", "dirty": false },
///   "nixpkgs": {
///     "locked": { "rev": "<40 hex digits>", "narHash": "sha256-..." },
///     "used": { "rev": null, "narHash": "sha256-..." }
///   }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// Version of this format: 1.
    pub format: u32,
    /// This project's own.
    pub flake: Flake,
    /// Those of everything else.
    pub nixpkgs: Nixpkgs,
}

/// The flake's revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flake {
    /// The commit; none of a tree that isn't one, or with an overridden input.
    pub rev: Option<String>,
    /// Whether it is not a commit as it was made.
    pub dirty: bool,
}

/// nixpkgs, as it should have been and as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nixpkgs {
    /// What `flake.lock` says.
    pub locked: Pin,
    /// What was built from.
    pub used: Pin,
}

/// A tree of nixpkgs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Pin {
    /// The commit; none of a tree that isn't known to be one.
    pub rev: Option<String>,
    /// Digest of the tree as Nix archives it, as `sha256-...` in base 64.
    pub nar_hash: String,
}

/// A file of provenance that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ProvenanceError {
    /// It could not be read.
    #[error(
        "cannot read the provenance {path}: {source}; {VARIABLE} names it, or it is beside parts.json"
    )]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is something else.
    #[error("{path}: {message}; the flake writes such a file, so build it anew")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
}

impl Provenance {
    /// The provenance of what is used: of the file that `named` is (the variable
    /// `VNICBENCH_PROVENANCE`), or else of the one in the directory `beside`, if there is one.
    ///
    /// # Errors
    ///
    /// [`ProvenanceError`] for a named file that isn't there, or one that is something else.
    pub fn find(
        named: Option<&Path>,
        beside: Option<&Path>,
    ) -> Result<Option<Self>, ProvenanceError> {
        if let Some(path) = named.filter(|path| !path.as_os_str().is_empty()) {
            return Self::read(path).map(Some);
        }
        let path = beside.map(|directory| directory.join(FILE));
        let there = path.filter(|path| path.exists());
        there.map(|path| Self::read(&path)).transpose()
    }

    /// Reads a file of provenance.
    ///
    /// # Errors
    ///
    /// [`ProvenanceError`] with the file and what is wrong with it.
    pub fn read(path: &Path) -> Result<Self, ProvenanceError> {
        #[derive(Deserialize)]
        struct Head {
            format: u32,
        }
        let text = std::fs::read_to_string(path).map_err(|source| ProvenanceError::Read {
            path: path.to_owned(),
            source,
        })?;
        let invalid = |message: String| ProvenanceError::Invalid {
            path: path.to_owned(),
            message,
        };
        // First, since another format may have anything else in it.
        let head: Head = serde_json::from_str(&text).map_err(|e| invalid(e.to_string()))?;
        if head.format != 1 {
            return Err(invalid(format!(
                "format {} is not known; this version reads format 1",
                head.format
            )));
        }
        let read: Self = serde_json::from_str(&text).map_err(|e| invalid(e.to_string()))?;
        read.check().map_err(invalid)?;
        Ok(read)
    }

    fn check(&self) -> Result<(), String> {
        let Self { flake, nixpkgs, .. } = self;
        let revisions = [
            ("flake.rev", &flake.rev),
            ("nixpkgs.locked.rev", &nixpkgs.locked.rev),
            ("nixpkgs.used.rev", &nixpkgs.used.rev),
        ];
        for (key, rev) in revisions {
            if let Some(rev) = rev.as_ref().filter(|rev| !is_revision(rev)) {
                return Err(format!("{key} is {rev:?}, not a commit of 40 hex digits"));
            }
        }
        let hashes = [
            ("nixpkgs.locked.narHash", &nixpkgs.locked.nar_hash),
            ("nixpkgs.used.narHash", &nixpkgs.used.nar_hash),
        ];
        for (key, hash) in hashes {
            if !is_nar_hash(hash) {
                return Err(format!("{key} is {hash:?}, not as \"sha256-\" and base 64"));
            }
        }
        if flake.dirty == flake.rev.is_some() {
            return Err(
                "flake: a revision is of a tree that isn't dirty, and a tree without one is dirty"
                    .into(),
            );
        }
        Ok(())
    }

    /// Where what was used isn't what the lock says, in words.
    pub fn mismatches(&self) -> Vec<String> {
        let Nixpkgs { locked, used } = &self.nixpkgs;
        let mut found = Vec::new();
        if used.nar_hash != locked.nar_hash {
            found.push(format!(
                "nixpkgs has the narHash {}, the lock has {}",
                used.nar_hash, locked.nar_hash
            ));
        }
        if let (Some(used), Some(locked)) = (&used.rev, &locked.rev)
            && used != locked
        {
            found.push(format!("nixpkgs is at {used}, the lock has {locked}"));
        }
        found
    }
}

fn is_revision(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Of 32 bytes in base 64, as in lock files.
fn is_nar_hash(text: &str) -> bool {
    let base64 = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/');
    let digest = text
        .strip_prefix("sha256-")
        .and_then(|t| t.strip_suffix('='));
    digest.is_some_and(|digest| digest.len() == 43 && digest.bytes().all(base64))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCKED: &str = "sha256-ugpsyk3NM2s87vXfUiIIiibbJ4Pp0JPS5p/3mfs+q+c=";
    const OTHER: &str = "sha256-vUfIeBEfpbAfZ5zjgIkYk7eHBeVfCYVjLbWnMkseYnk=";
    const REV: &str = "21a67dc470149f337cecafbe965d8d252a390518";

    fn text(rev: &str, dirty: bool, used: &str) -> String {
        format!(
            r#"{{"format": 1, "flake": {{"rev": {rev}, "dirty": {dirty}}}, "nixpkgs": {{
                "locked": {{"rev": "{REV}", "narHash": "{LOCKED}"}}, "used": {used}}}}}"#
        )
    }

    fn read(text: &str) -> Result<Provenance, String> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(FILE);
        std::fs::write(&path, text).unwrap();
        Provenance::read(&path).map_err(|error| {
            let text = error.to_string();
            assert!(text.starts_with(&path.display().to_string()), "{text}");
            text
        })
    }

    fn used(rev: &str, nar_hash: &str) -> String {
        format!(r#"{{"rev": {rev}, "narHash": "{nar_hash}"}}"#)
    }

    #[test]
    fn is_read_and_compared_with_the_lock() {
        let clean = text(&format!("{REV:?}"), false, &used("null", LOCKED));
        let provenance = read(&clean).unwrap();
        assert_eq!(provenance.flake.rev.as_deref(), Some(REV));
        assert_eq!(provenance.mismatches(), Vec::<String>::new());
        let again = serde_json::to_string(&provenance).unwrap();
        assert_eq!(read(&again).unwrap(), provenance);

        let overridden = read(&text("null", true, &used("null", OTHER))).unwrap();
        let expected = format!("nixpkgs has the narHash {OTHER}, the lock has {LOCKED}");
        assert_eq!(overridden.mismatches(), [expected]);
        let elsewhere = "643809054d65fdd466a63e3155b8c498cb483c04";
        let moved = used(&format!("{elsewhere:?}"), LOCKED);
        let expected = format!("nixpkgs is at {elsewhere}, the lock has {REV}");
        assert_eq!(
            read(&text("null", true, &moved)).unwrap().mismatches(),
            [expected]
        );
    }

    #[test]
    fn what_is_none_is_named() {
        let fine = used("null", LOCKED);
        let cases = [
            ("{", "EOF"),
            (r#"{"format": 2, "anything": 1}"#, "format 2 is not known"),
            (&text("null", true, "{}"), "missing field"),
            (&text("null", false, &fine), "a tree without one is dirty"),
            (&text(&format!("{REV:?}"), true, &fine), "isn't dirty"),
            (&text("\"main\"", false, &fine), "flake.rev is \"main\""),
            (
                &text("null", true, &used("null", "sha256-short=")),
                "nixpkgs.used.narHash is \"sha256-short=\"",
            ),
        ];
        for (text, expected) in cases {
            let error = read(text).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn a_named_file_has_to_be_there() {
        let directory = tempfile::tempdir().unwrap();
        let beside = Some(directory.path());
        assert!(Provenance::find(None, beside).unwrap().is_none());
        assert!(
            Provenance::find(Some(Path::new("")), beside)
                .unwrap()
                .is_none()
        );
        let gone = directory.path().join("gone.json");
        let error = Provenance::find(Some(&gone), beside)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("gone.json") && error.contains(VARIABLE),
            "{error}"
        );
        let clean = text("null", true, &used("null", LOCKED));
        std::fs::write(directory.path().join(FILE), clean).unwrap();
        assert!(Provenance::find(None, beside).unwrap().is_some());
        assert!(Provenance::find(Some(&gone), beside).is_err());
    }
}
