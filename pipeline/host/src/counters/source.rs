//! One source of the kernel and the log it goes to.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::header;
use crate::error::{HostError, io_error};

/// By how much each counter of a source grew.
pub(super) type Growth = BTreeMap<String, u64>;

/// What stands around the text of a file in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Nothing.
    Whole,
    /// A line with its title before it.
    Titled,
    /// Its title before it in the same line.
    Named,
}

struct Part {
    title: String,
    path: PathBuf,
    /// Kept open for sources that are read while measuring; a seek makes the kernel
    /// print anew. The others may be more than the files a process may have open.
    file: Option<File>,
}

/// A log and the files that go into it.
pub(super) struct Source {
    pub log: &'static str,
    form: Form,
    parts: Vec<Part>,
    sampled: bool,
    output: Option<(PathBuf, File)>,
    /// The text of the first snapshot and of the last, each behind its header.
    first: Vec<u8>,
    last: Vec<u8>,
    told: bool,
}

impl Source {
    fn new(
        log: &'static str,
        form: Form,
        files: impl IntoIterator<Item = (String, PathBuf)>,
    ) -> Self {
        let parts = files.into_iter().map(|(title, path)| Part {
            title,
            path,
            file: None,
        });
        Self {
            log,
            form,
            parts: parts.collect(),
            sampled: false,
            output: None,
            first: Vec::new(),
            last: Vec::new(),
            told: false,
        }
    }

    /// One file.
    pub fn whole(log: &'static str, path: PathBuf) -> Self {
        Self::new(log, Form::Whole, [(String::new(), path)])
    }

    /// Files under lines with their names.
    pub fn titled(log: &'static str, paths: &[PathBuf]) -> Self {
        let files = paths.iter().map(|path| (file_name(path), path.clone()));
        Self::new(log, Form::Titled, files)
    }

    /// The files of each processor's directories that `wanted` picks by directory and
    /// file; they hold a number each.
    pub fn of_cpus(sys: &Path, log: &'static str, wanted: fn(&str, &str) -> bool) -> Self {
        let root = sys.join("devices/system/cpu");
        let mut files: Vec<(u32, String, PathBuf)> = Vec::new();
        for cpu in entries(&root) {
            let name = file_name(&cpu);
            let Some(number) = name.strip_prefix("cpu").and_then(|n| n.parse().ok()) else {
                continue;
            };
            for folder in ["cpufreq", "thermal_throttle"] {
                for path in entries(&cpu.join(folder)) {
                    let file = file_name(&path);
                    if wanted(folder, &file) {
                        files.push((number, format!("{name}/{folder}/{file}"), path));
                    }
                }
            }
        }
        files.sort();
        let files = files.into_iter().map(|(_, title, path)| (title, path));
        Self::new(log, Form::Named, files)
    }

    /// The files of a directory that hold a number, to be read while measuring.
    pub fn of_numbers(log: &'static str, folder: &Path, warnings: &mut Vec<String>) -> Self {
        let mut files = Vec::new();
        let mut refused = None;
        for path in entries(folder).into_iter().filter(|path| path.is_file()) {
            match fs::read_to_string(&path) {
                Ok(text) if is_number(text.trim().as_bytes()) => {
                    files.push((file_name(&path), path));
                }
                Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                    refused.get_or_insert((path, error));
                }
                Ok(_) | Err(_) => {}
            }
        }
        if let Some((path, error)) = refused {
            warnings.push(format!(
                "cannot read {}: {error}, so that {log} lacks it; a kernel that is locked down (Secure Boot) shows no debugfs",
                path.display()
            ));
        }
        Self::new(log, Form::Named, files).sampled()
    }

    /// The same, but read while measuring too.
    pub fn sampled(mut self) -> Self {
        self.sampled = true;
        self
    }

    pub fn is_sampled(&self) -> bool {
        self.sampled
    }

    pub fn is_written(&self) -> bool {
        self.output.is_some()
    }

    /// Opens the files and takes the first snapshot; without any file there is no log.
    pub fn start(&mut self, directory: &Path, warnings: &mut Vec<String>) -> Result<(), HostError> {
        self.parts.retain_mut(|part| match File::open(&part.path) {
            Ok(mut file) => {
                // Some can be opened and not read, as pressure that was switched off.
                if let Err(error) = file.read(&mut [0]) {
                    warnings.push(unreadable(&part.path, &error));
                    return false;
                }
                // Those of debugfs can't be rewound, so they are opened anew each time.
                part.file = (self.sampled && file.rewind().is_ok()).then_some(file);
                true
            }
            Err(error) if error.kind() == ErrorKind::NotFound => false,
            Err(error) => {
                warnings.push(unreadable(&part.path, &error));
                false
            }
        });
        if self.parts.is_empty() {
            return Ok(());
        }
        let path = directory.join(self.log);
        let file = OpenOptions::new()
            .append(true)
            .create_new(true)
            .open(&path)
            .map_err(io_error("make", &path))?;
        self.output = Some((path, file));
        self.snapshot("start", warnings)?;
        self.first.clone_from(&self.last);
        Ok(())
    }

    /// Appends a snapshot to the log, in one write.
    pub fn snapshot(&mut self, phase: &str, warnings: &mut Vec<String>) -> Result<(), HostError> {
        let Some((path, output)) = &mut self.output else {
            return Ok(());
        };
        let text = &mut self.last;
        text.clear();
        text.extend(header(phase).into_bytes());
        for part in &mut self.parts {
            if let Err(error) = part.append(self.form, text)
                && !self.told
            {
                self.told = true;
                warnings.push(unreadable(&part.path, &error));
            }
        }
        output.write_all(text).map_err(io_error("write", path))
    }

    /// By how much each `name value` line grew from the first snapshot to the last.
    pub fn growth(&self) -> Growth {
        let before = values(&self.first);
        values(&self.last)
            .into_iter()
            .filter_map(|(name, after)| {
                let by = after.checked_sub(*before.get(&name)?)?;
                Some((name, by))
            })
            .collect()
    }
}

impl Part {
    /// Adds what the kernel prints now; nothing at all if it can't be read.
    fn append(&mut self, form: Form, text: &mut Vec<u8>) -> io::Result<()> {
        let start = text.len();
        match form {
            Form::Whole => {}
            Form::Titled => text.extend(format!("{}\n", self.title).into_bytes()),
            Form::Named => text.extend(format!("{} ", self.title).into_bytes()),
        }
        let read = match &mut self.file {
            Some(file) => file.rewind().and_then(|()| file.read_to_end(text)),
            None => File::open(&self.path).and_then(|mut file| file.read_to_end(text)),
        };
        if read.is_err() {
            text.truncate(start);
        } else if text.last() != Some(&b'\n') {
            text.push(b'\n');
        }
        read.map(|_| ())
    }
}

fn unreadable(path: &Path, error: &io::Error) -> String {
    format!(
        "cannot read {}: {error}; the trial's logs lack it",
        path.display()
    )
}

/// What is in a directory, sorted; nothing if there is none.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let found = fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<PathBuf> = found.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    paths
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn is_number(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}

fn values(text: &[u8]) -> BTreeMap<String, u64> {
    String::from_utf8_lossy(text)
        .lines()
        .filter_map(|line| {
            let (name, value) = line.split_once(' ')?;
            Some((name.to_owned(), value.parse().ok()?))
        })
        .collect()
}
