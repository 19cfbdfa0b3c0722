//! Archives that somebody else made.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use tar::{Builder, EntryType, Header};
use tempfile::TempDir;
use vnicbench_package::{Limits, Package, PackageError};

type Archive = Builder<zstd::Encoder<'static, fs::File>>;

/// An archive filled by `fill`, in a directory of its own.
fn archive(fill: impl FnOnce(&mut Archive)) -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("x.tar.zst");
    let encoder = zstd::Encoder::new(fs::File::create(&path).unwrap(), 1).unwrap();
    let mut builder = Builder::new(encoder);
    fill(&mut builder);
    builder.into_inner().unwrap().finish().unwrap();
    (directory, path)
}

/// Adds an entry whose name is written as it is.
fn add(archive: &mut Archive, kind: EntryType, name: &str, data: &[u8]) {
    let mut header = Header::new_gnu();
    header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
    header.set_entry_type(kind);
    header.set_mode(0o644);
    header.set_size(data.len() as u64);
    header.set_cksum();
    archive.append(&header, data).unwrap();
}

fn refusal(path: &Path) -> String {
    let error = Package::unpack(path).unwrap_err();
    assert!(matches!(error, PackageError::Refused { .. }), "{error}");
    error.to_string()
}

#[test]
fn names_that_lead_elsewhere_are_refused_and_nothing_is_written_there() {
    for name in [
        "../escaped",
        "a/../../escaped",
        "/tmp/escaped-vnicbench",
        "./a",
        "a//b",
        "a/./b",
        "a\\b",
        "a\nb",
        "..",
        "",
    ] {
        let (_directory, path) = archive(|archive| add(archive, EntryType::Regular, name, b"x"));
        let message = refusal(&path);
        assert!(
            message.contains("is not a plain relative name"),
            "{message}"
        );
    }
    assert!(!Path::new("/tmp/escaped-vnicbench").exists());
    assert!(!std::env::temp_dir().join("escaped").exists());
    let (_directory, path) = archive(|archive| {
        let mut header = Header::new_gnu();
        header.set_size(1);
        let long = format!("{}/../../../x", "a".repeat(120));
        archive
            .append_data(&mut header, "a".repeat(120), &b"x"[..])
            .unwrap();
        add(
            archive,
            EntryType::GNULongName,
            "././@LongLink",
            format!("{long}\0").as_bytes(),
        );
        add(archive, EntryType::Regular, "a", b"x");
    });
    assert!(refusal(&path).contains("is not a plain relative name"));
}

#[test]
fn only_files_and_directories_are_made() {
    for kind in [
        EntryType::Symlink,
        EntryType::Link,
        EntryType::Char,
        EntryType::Block,
        EntryType::Fifo,
        EntryType::GNUSparse,
        EntryType::XHeader,
        EntryType::XGlobalHeader,
        EntryType::GNULongLink,
    ] {
        let (_directory, path) = archive(|archive| add(archive, kind, "p/x", b""));
        let message = refusal(&path);
        assert!(
            message.contains("\"p/x\" is a link, a device"),
            "{kind:?}: {message}"
        );
    }
}

#[test]
fn a_name_is_there_once() {
    for (first, second) in [("p/x", "p/x"), ("p/x", "p/x/y")] {
        let (_directory, path) = archive(|archive| {
            add(archive, EntryType::Regular, first, b"1");
            add(archive, EntryType::Regular, second, b"2");
        });
        assert!(refusal(&path).contains("is in it twice"), "{second}");
    }
}

#[test]
fn what_grows_too_large_is_refused() {
    let (_directory, path) = archive(|archive| {
        add(archive, EntryType::Regular, "p/x", &vec![0; 1 << 20]);
    });
    let limits = |bytes, entries| Limits { bytes, entries };
    let error = Package::unpack_within(&path, limits(100_000, 10)).unwrap_err();
    let message = error.to_string();
    assert!(
        message.contains("holds more than 100000 bytes"),
        "{message}"
    );
    let (_directory, path) = archive(|archive| {
        for n in 0..11 {
            add(archive, EntryType::Regular, &format!("p/{n}"), b"");
        }
    });
    let error = Package::unpack_within(&path, limits(100_000, 10)).unwrap_err();
    assert!(error.to_string().contains("holds more than 10 entries"));
    // A name is read no further than a name goes.
    let (_directory, path) = archive(|archive| {
        let name = vec![b'a'; 1 << 20];
        add(archive, EntryType::GNULongName, "././@LongLink", &name);
        add(archive, EntryType::Regular, "a", b"x");
    });
    assert!(refusal(&path).contains("has a name that is too long"));
}

#[test]
fn what_is_no_archive_of_a_campaign_is_said_to_be_none() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("x.tar.zst");
    let message = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        Package::unpack(&path).unwrap_err().to_string()
    };
    for bytes in [&b""[..], b"PK", b"no archive at all"] {
        assert!(message(bytes).contains("not compressed with Zstandard"));
    }
    let compressed = |bytes: &[u8]| zstd::encode_all(bytes, 1).unwrap();
    assert!(message(&compressed(b"")).contains("not everything in it is below one directory"));
    assert!(message(&compressed(&[7; 5000])).contains("is cut or damaged"));
    let (_directory, other) = archive(|archive| add(archive, EntryType::Regular, "p/x", b"1"));
    let error = Package::unpack(&other).unwrap_err().to_string();
    assert!(error.contains("it has no campaign in raw/"), "{error}");
    // Behind the end of an archive there is nothing.
    let mut plain = zstd::decode_all(fs::File::open(&other).unwrap()).unwrap();
    plain.write_all(b"more").unwrap();
    assert!(message(&compressed(&plain)).contains("there is more after its end"));
}
