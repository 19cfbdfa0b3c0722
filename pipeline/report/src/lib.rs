//! An analysis as a report: one view of it, in two forms, HTML and PDF.
//!
//! The same analysis gives the same bytes: nothing is asked of the clock, the locale or
//! the machine. Every number is turned into text once, in the view, so that the forms
//! can't differ; a value can't be shown without its interval, since what shows it takes
//! both.

mod export;
mod figure;
mod flat;
mod fonts;
mod html;
mod number;
mod particle;
mod pdf;
mod terms;
mod text;
mod view;
mod words;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use vnicbench_analysis::compare::pool::Pool;
use vnicbench_analysis::{Analysis, CampaignComparison, ClaimResult};
use vnicbench_model::Testbed;

use words::Words;

pub use export::Format;
pub use figure::{Figure, FigureError, Other, Spacing};
pub use view::{Caption, Column, Mark, Style, Table};
pub use words::Language;

const EMULATED: &str =
    "Emulated test bed: shows that everything works; its times say nothing of hardware.";

const SYNTHETIC: &str = "Synthetic: its numbers are made up; nothing was measured.";

/// What every page of a report of that test bed carries, in English, for documents that are in
/// English whatever the report's language; none of hardware.
pub fn caution(testbed: Testbed) -> Option<&'static str> {
    match testbed {
        Testbed::Attached => None,
        Testbed::Emulated => Some(EMULATED),
        Testbed::Synthetic => Some(SYNTHETIC),
    }
}

/// A rendered report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// One self-contained document; needs no network and no JavaScript.
    pub html: String,
    /// PDF/A-2a and PDF/UA-1.
    pub pdf: Vec<u8>,
    /// The figures, in the order in which they appear.
    pub figures: Vec<Figure>,
    /// The tables, in the order in which they appear.
    pub tables: Vec<Table>,
    /// The first page's answers, a sentence each with its workload.
    pub answers: Vec<String>,
}

/// A report that could not be made or written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A figure.
    #[error(transparent)]
    Figure(#[from] FigureError),
    /// The HTML.
    #[error(
        "cannot fill in the HTML template: {0}; this is a fault in the program, please report it"
    )]
    Html(String),
    /// The PDF; each line is a diagnostic of Typst.
    #[error("cannot typeset the PDF: {0}; this is a fault in the program, please report it")]
    Pdf(String),
    /// The texts.
    #[error("cannot word the report: {0}; this is a fault in the program, please report it")]
    Words(String),
    /// A figure or a table in a format of its own.
    #[error(
        "cannot export {what} as {format}: {message}; this is a fault in the program, please report it"
    )]
    Export {
        /// The figure or the table.
        what: String,
        /// The format.
        format: &'static str,
        /// Why.
        message: String,
    },
    /// Writing.
    #[error("cannot write {path}: {source}; is the directory writable and is there room?")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Makes the report of an analysis in a language.
///
/// # Errors
///
/// Any [`ReportError`] but `Write`. All are faults of the program: what a campaign holds,
/// be it empty or hostile, is no reason for one.
pub fn render(analysis: &Analysis, language: Language) -> Result<Report, ReportError> {
    let words = Words::of(language).map_err(ReportError::Words)?;
    let (view, figures) = view::build(analysis, &words)?;
    words.checked().map_err(ReportError::Words)?;
    let (html, pdf) = rayon::join(
        || html::render(&view, &figures),
        || pdf::render(&view, &figures),
    );
    let (html, pdf) = (html?, pdf?);
    let answers = view.answers();
    Ok(Report {
        html,
        pdf,
        figures,
        tables: view.tables(),
        answers,
    })
}

/// A comparison of campaigns, in every form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// HTML and PDF.
    pub report: Report,
    /// For a terminal.
    pub plain: String,
    /// For a pull request.
    pub markdown: String,
}

/// Two campaigns compared.
///
/// # Errors
///
/// As [`render`].
pub fn render_comparison(
    comparison: &CampaignComparison,
    language: Language,
) -> Result<Compared, ReportError> {
    compared(language, |words| view::compare::build(comparison, words))
}

/// Campaigns on several hosts, side by side and over all; `testbed` is that of them which says
/// least of hardware.
///
/// # Errors
///
/// As [`render`].
pub fn render_pool(
    pool: &Pool,
    testbed: Testbed,
    language: Language,
) -> Result<Compared, ReportError> {
    compared(language, |words| view::pool::build(pool, testbed, words))
}

fn compared(
    language: Language,
    build: impl FnOnce(&Words) -> Result<(view::View, Vec<Figure>), FigureError>,
) -> Result<Compared, ReportError> {
    let words = Words::of(language).map_err(ReportError::Words)?;
    let (view, figures) = build(&words)?;
    words.checked().map_err(ReportError::Words)?;
    Ok(Compared {
        plain: flat::render(&view, flat::Form::Plain),
        markdown: flat::render(&view, flat::Form::Markdown),
        report: Report {
            html: html::render(&view, &figures)?,
            pdf: pdf::render(&view, &figures)?,
            figures,
            tables: view.tables(),
            answers: Vec::new(),
        },
    })
}

/// What a campaign says of claims, for a terminal.
///
/// # Errors
///
/// [`ReportError::Words`].
pub fn claims_text(results: &[ClaimResult], language: Language) -> Result<String, ReportError> {
    let words = Words::of(language).map_err(ReportError::Words)?;
    let text = view::claims::plain(results, &words);
    words.checked().map_err(ReportError::Words)?;
    Ok(text)
}

impl Report {
    /// Writes `report.html` and `report.pdf` into `directory`, which is made if need be.
    /// Each appears whole or not at all.
    ///
    /// # Errors
    ///
    /// [`ReportError::Write`].
    pub fn write(&self, directory: &Path) -> Result<(), ReportError> {
        let error = |path: &Path| {
            let path = path.to_owned();
            move |source| ReportError::Write { path, source }
        };
        std::fs::create_dir_all(directory).map_err(error(directory))?;
        for (name, bytes) in [
            ("report.html", self.html.as_bytes()),
            ("report.pdf", &self.pdf),
        ] {
            let path = directory.join(name);
            replace(&path, bytes).map_err(error(&path))?;
        }
        Ok(())
    }
}

/// Writes a file under another name and then gives it its own.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    let mut file = std::fs::File::create(&partial)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&partial, path)
}
