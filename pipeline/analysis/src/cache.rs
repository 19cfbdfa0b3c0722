//! What was made before, kept by the digest of what it was made from.
//!
//! An entry is named by the digest of the program, of what kind it is and of its inputs, so that
//! it can't be out of date: what is changed has another name. It begins with the digest of its
//! content; one that was cut or changed is taken for none. Several programs may use a directory
//! at once: an entry appears whole or not at all. Nothing that goes wrong here is an error, since
//! what isn't kept is made again.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use object::read::{Object, ReadCache};
use vnicbench_model::store::{sha256_bytes, sha256_file};

/// Bytes that a directory keeps; when there are more, those that were used longest ago go.
const MOST_BYTES: u64 = 1 << 30;
/// Of the digest at the beginning of an entry.
const DIGEST: usize = 64;

/// A directory of entries.
#[derive(Debug)]
pub struct Cache {
    directory: PathBuf,
    program: String,
}

/// The name of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key(String);

impl Cache {
    /// The entries that this program keeps in `directory`, which is made if need be. None if it
    /// can't be, or if nothing tells this program from others.
    pub fn open(directory: &Path) -> Option<Self> {
        fs::create_dir_all(directory).ok()?;
        Some(Self {
            directory: directory.to_owned(),
            program: program().ok()?,
        })
    }

    /// The name of an entry of a kind that is made from `inputs`.
    pub fn key(&self, kind: &str, inputs: &[&str]) -> Key {
        let mut named = String::new();
        for part in [self.program.as_str(), kind].iter().chain(inputs) {
            // With its length, so that no two lists read the same.
            named.push_str(&format!("{}:{part}\n", part.len()));
        }
        Key(sha256_bytes(named.as_bytes()))
    }

    /// Whether there is an entry; it may turn out to be none when it is read.
    pub fn has(&self, key: &Key) -> bool {
        self.path(key).is_file()
    }

    /// The content of an entry.
    pub fn get(&self, key: &Key) -> Option<Vec<u8>> {
        let mut file = File::open(self.path(key)).ok()?;
        let mut digest = [0; DIGEST];
        file.read_exact(&mut digest).ok()?;
        let mut content = Vec::new();
        file.read_to_end(&mut content).ok()?;
        // Those that are used stay.
        let _ = file.set_modified(SystemTime::now());
        (sha256_bytes(&content).as_bytes() == digest).then_some(content)
    }

    /// Keeps an entry.
    pub fn put(&self, key: &Key, content: &[u8]) {
        static WRITTEN: AtomicU64 = AtomicU64::new(0);
        let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
        let path = self.path(key);
        let partial = path.with_extension(format!("{}-{number}.partial", std::process::id()));
        let write = || -> io::Result<()> {
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            let mut file = File::create(&partial)?;
            file.write_all(sha256_bytes(content).as_bytes())?;
            file.write_all(content)?;
            fs::rename(&partial, &path)
        };
        if write().is_err() {
            let _ = fs::remove_file(&partial);
        }
    }

    /// Removes those entries that were used longest ago, if there is too much of them.
    pub fn trim(&self) {
        self.trim_to(MOST_BYTES);
    }

    fn trim_to(&self, most: u64) {
        let files = walkdir::WalkDir::new(&self.directory).into_iter().flatten();
        let mut entries: Vec<(SystemTime, PathBuf, u64)> = files
            .filter(|entry| entry.file_type().is_file())
            .filter_map(|entry| {
                let metadata = entry.metadata().ok()?;
                Some((metadata.modified().ok()?, entry.into_path(), metadata.len()))
            })
            .collect();
        entries.sort_unstable();
        let mut bytes: u64 = entries.iter().map(|(_, _, bytes)| bytes).sum();
        for (_, path, of_entry) in entries {
            if bytes <= most {
                return;
            }
            let _ = fs::remove_file(path);
            bytes -= of_entry;
        }
    }

    fn path(&self, Key(key): &Key) -> PathBuf {
        let (folder, name) = key.split_at_checked(2).unwrap_or(("", key));
        self.directory.join(folder).join(name)
    }
}

/// What tells this program from any other: what its linker noted of its content, or the digest
/// of its file.
fn program() -> io::Result<String> {
    let path = std::env::current_exe()?;
    let file = ReadCache::new(File::open(&path)?);
    let noted = object::File::parse(&file).and_then(|object| object.build_id());
    match noted {
        Ok(Some(id)) => Ok(id.iter().map(|byte| format!("{byte:02x}")).collect()),
        Ok(None) | Err(_) => sha256_file(&path).map_err(io::Error::other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_is_there_until_it_is_damaged() {
        let directory = tempfile::tempdir().expect("a directory");
        let cache = Cache::open(directory.path()).expect("a cache");
        let key = cache.key("text", &["a", "b"]);
        assert!(!cache.has(&key) && cache.get(&key).is_none());
        cache.put(&key, b"content");
        assert_eq!(cache.get(&key).as_deref(), Some(&b"content"[..]));
        for other in [cache.key("text", &["ab"]), cache.key("page", &["a", "b"])] {
            assert!(!cache.has(&other));
        }
        for damaged in [&b"short"[..], &[b'x'; 100]] {
            fs::write(cache.path(&key), damaged).expect("written");
            assert_eq!(cache.get(&key), None);
        }
        cache.put(&key, b"content");
        assert_eq!(cache.get(&key).as_deref(), Some(&b"content"[..]));
    }

    #[test]
    fn what_was_used_longest_ago_goes_first() {
        let directory = tempfile::tempdir().expect("a directory");
        let cache = Cache::open(directory.path()).expect("a cache");
        let keys: Vec<Key> = ["a", "b", "c"].map(|name| cache.key("x", &[name])).into();
        for (key, seconds) in keys.iter().zip([3, 1, 2]) {
            cache.put(key, &[0; 1000]);
            let file = File::options().write(true).open(cache.path(key));
            let time = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
            file.and_then(|file| file.set_modified(time)).expect("set");
        }
        cache.trim_to(2500);
        let left: Vec<bool> = keys.iter().map(|key| cache.has(key)).collect();
        assert_eq!(left, [true, false, true]);
        cache.trim_to(0);
        assert!(!keys.iter().any(|key| cache.has(key)));
    }
}
