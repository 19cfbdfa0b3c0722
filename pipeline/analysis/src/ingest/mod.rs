//! Anyone's logs -> tables.

mod layout;
mod ordered;
mod records;
mod tables;

use std::fs::File;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use vnicbench_logs::{ReadError, Tool, packed};
use walkdir::WalkDir;

pub use layout::{Layout, LayoutError};

use crate::error::AnalysisError;
use ordered::in_order;
use records::{LogId, Outlet, Record};
use tables::Tables;

/// What came of [`ingest`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ingested {
    /// Logs that were read, those of archives included.
    pub logs: u64,
    /// Of them, with records.
    pub useful: u64,
    /// Files that no template of the layout fits, which were not read.
    pub without_place: Vec<PathBuf>,
    /// Files that could not be read, and why.
    pub unreadable: Vec<String>,
    /// The files that were written.
    pub tables: Vec<PathBuf>,
}

/// Reads all logs in `directory`, on as many threads as there are processors, and writes
/// the tables `logs`, `trials` (a run of a tool each), `samples`, `intervals`, `counters`,
/// `measures` and `warnings` as CSV and Parquet to `out`.
///
/// Each table begins with the columns `file` and the layout's factors; rows are in the order of
/// the paths and of the logs, so that the same logs give the same bytes. `run` counts the
/// runs of a log from 0, lines count from 1, times are in the unit that ends a column's name.
/// Memory doesn't grow with the logs: rows are written while logs are read.
///
/// `progress` is told how many files of how many are done.
///
/// # Errors
///
/// [`AnalysisError`] if the directory can't be listed or a table not be written. A file that can't
/// be read is listed in what is returned.
pub fn ingest(
    directory: &Path,
    layout: &Layout,
    out: &Path,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Ingested, AnalysisError> {
    let mut ingested = Ingested::default();
    // They are gone through twice, so that there is no list of all.
    let mut all = 0;
    for path in paths(directory, out) {
        path?;
        all += 1;
    }
    let mut tables = Tables::create(out, layout.factors())?;
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let tool = layout
        .factors()
        .iter()
        .position(|factor| factor == layout::TOOL);
    let mut done = 0;
    let read = |path: Result<PathBuf, AnalysisError>, send: &dyn Fn(Sent)| {
        let path = match path {
            Ok(path) => path,
            Err(error) => return send(Sent::Unlisted(error)),
        };
        let Some(log) = LogId::of(&path, directory, layout) else {
            return send(Sent::Done(End::WithoutPlace(path)));
        };
        let tool = tool.and_then(|at| log.levels.get(at)?.as_deref()?.parse().ok());
        send(Sent::Done(match read(&path, &log, tool, send) {
            Ok(()) => End::Read,
            Err(reason) => End::Unreadable(reason),
        }));
    };
    in_order(paths(directory, out), workers, read, |sent| match sent {
        Sent::Record(log, record) => {
            if let Record::End(document) = &record {
                ingested.logs += 1;
                ingested.useful += u64::from(!document.runs.is_empty());
            }
            tables.push(&log, record)
        }
        Sent::Done(end) => {
            match end {
                End::Read => {}
                End::WithoutPlace(path) => ingested.without_place.push(path),
                End::Unreadable(reason) => ingested.unreadable.push(reason),
            }
            done += 1;
            progress(done, all);
            Ok(())
        }
        Sent::Unlisted(error) => Err(error),
    })?;
    ingested.tables = tables.finish()?;
    Ok(ingested)
}

/// What a worker says.
enum Sent {
    Record(Arc<LogId>, Record),
    /// A file is done with.
    Done(End),
    /// The directory can't be listed to its end.
    Unlisted(AnalysisError),
}

/// What became of a file.
enum End {
    Read,
    /// The layout has no place for it.
    WithoutPlace(PathBuf),
    /// It can't be read, and why.
    Unreadable(String),
}

impl LogId {
    /// None if the layout has no place for it.
    fn of(path: &Path, directory: &Path, layout: &Layout) -> Option<Self> {
        let below = path.strip_prefix(directory).unwrap_or(path);
        let parts = below.components().filter_map(|part| match part {
            Component::Normal(part) => Some(part.to_string_lossy()),
            _ => None,
        });
        let file = parts.collect::<Vec<_>>().join("/");
        let levels = layout.levels(&file)?;
        Some(Self { file, levels })
    }
}

/// The files in `directory` but for those in `out`, by their names' bytes.
///
/// Of the listing only the directories are held that it is in.
fn paths(
    directory: &Path,
    out: &Path,
) -> impl Iterator<Item = Result<PathBuf, AnalysisError>> + Send {
    let out = std::fs::canonicalize(out).ok();
    let is_out = move |path: &Path| {
        out.is_some() && path.is_dir() && std::fs::canonicalize(path).ok() == out
    };
    WalkDir::new(directory)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(move |entry| !is_out(entry.path()))
        .filter_map(move |entry| match entry {
            Ok(entry) if entry.file_type().is_file() => Some(Ok(entry.into_path())),
            Ok(_) => None,
            Err(error) => Some(Err(AnalysisError::List {
                path: error.path().unwrap_or(directory).to_owned(),
                source: error.into(),
            })),
        })
}

/// Reads the logs in a file; why that failed, if it did.
fn read(path: &Path, file: &LogId, tool: Option<Tool>, send: &dyn Fn(Sent)) -> Result<(), String> {
    let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let mut input = File::open(path).map_err(|error| failed(&error))?;
    let read = packed::logs::<ReadError>(&file.file, &mut input, &mut |log| {
        let id = Arc::new(LogId {
            file: log.name().to_owned(),
            levels: file.levels.clone(),
        });
        let send_record = |record| send(Sent::Record(Arc::clone(&id), record));
        let document = log.parse(tool, &mut Outlet::new(&send_record))?;
        send_record(Record::End(document));
        Ok(())
    });
    read.map_err(|error| match std::error::Error::source(&error) {
        Some(source) => failed(&format!("{error}: {source}")),
        None => failed(&error),
    })
}
