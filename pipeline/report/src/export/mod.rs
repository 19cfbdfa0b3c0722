//! Figures and tables as files of their own, for use in a paper.
//!
//! A format is a module with one function from a figure or a table to bytes, and a line in
//! [`Format::ALL`]. The same report gives the same bytes.

mod csv;
mod latex;
mod markdown;
mod parquet;
mod pdf;
mod png;
mod svg;
mod typed;

use std::path::{Path, PathBuf};

use crate::figure::Figure;
use crate::view::Table;
use crate::{Report, ReportError, replace, text};

/// A format of exported files.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// Its name on the command line and after the dot of its files.
    pub name: &'static str,
    made: Made,
}

/// What a format is of, and how it is made; the error is the reason.
#[derive(Debug, Clone, Copy)]
enum Made {
    Figure(fn(&Figure) -> Result<Vec<u8>, String>),
    Table(fn(&Table) -> Result<Vec<u8>, String>),
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 7] = [
        Self::of("svg", Made::Figure(svg::bytes)),
        Self::of("pdf", Made::Figure(pdf::bytes)),
        Self::of("png", Made::Figure(png::bytes)),
        Self::of("csv", Made::Table(csv::bytes)),
        Self::of("parquet", Made::Table(parquet::bytes)),
        Self::of("tex", Made::Table(latex::bytes)),
        Self::of("md", Made::Table(markdown::bytes)),
    ];

    const fn of(name: &'static str, made: Made) -> Self {
        Self { name, made }
    }

    /// The format of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name == name)
    }
}

impl Report {
    /// Writes each figure into `directory/figures` and each table into `directory/tables` in
    /// each of the formats, and gives the directories that were written to. Each file appears whole or not at
    /// all.
    ///
    /// # Errors
    ///
    /// [`ReportError::Export`] for what can't be had in a format, [`ReportError::Write`].
    pub fn export(
        &self,
        directory: &Path,
        formats: &[Format],
    ) -> Result<Vec<PathBuf>, ReportError> {
        let places = ["figures", "tables"].map(|name| directory.join(name));
        let [figures, tables] = &places;
        for format in formats {
            match format.made {
                Made::Figure(make) => {
                    for figure in &self.figures {
                        put(figures, &figure.id, format.name, make(figure))?;
                    }
                }
                Made::Table(make) => {
                    for table in &self.tables {
                        put(tables, &table.id, format.name, make(table))?;
                    }
                }
            }
        }
        let of_table = |format: &Format| matches!(format.made, Made::Table(_));
        let [has_tables, has_figures] =
            [true, false].map(|table| formats.iter().any(|f| of_table(f) == table));
        let written = places.into_iter().zip([has_figures, has_tables]);
        Ok(written
            .filter_map(|(path, any)| any.then_some(path))
            .collect())
    }
}

fn put(
    directory: &Path,
    id: &str,
    format: &'static str,
    bytes: Result<Vec<u8>, String>,
) -> Result<(), ReportError> {
    let bytes = bytes.map_err(|message| ReportError::Export {
        what: id.to_owned(),
        format,
        message,
    })?;
    let path = directory.join(format!("{}.{format}", text::anchor(id)));
    let error = |source| ReportError::Write {
        path: path.clone(),
        source,
    };
    std::fs::create_dir_all(directory).map_err(error)?;
    replace(&path, &bytes).map_err(error)
}

/// A table for the tests of formats: numbers, intervals, a reason in place of one, and names
/// that are markup somewhere.
#[cfg(test)]
fn hostile() -> Table {
    use crate::view::{Caption, Column, Style};
    let column = |title: &str, style| Column {
        title: title.into(),
        style,
        width: 1,
    };
    let row = |texts: [&str; 5]| texts.map(str::to_owned).to_vec();
    Table {
        id: "hostile".into(),
        caption: Caption {
            number: "Table 1".into(),
            text: "100 % of \\input{x} & <b>_more_</b>".into(),
        },
        columns: vec![
            column("Arm", Style::Text),
            column("Estimate (ms)", Style::Number),
            column("Interval", Style::Number),
            column("Level", Style::Number),
            column("Log", Style::Code),
        ],
        rows: vec![
            row([
                "=cmd|' /C calc'!A0",
                "−1.5",
                "[−2.0, −1.0]",
                "95 %",
                "a,\"b\".log",
            ]),
            row([
                "\\end{tabular}$x^2$ #1 ~ {%",
                "1.20 × 10⁻⁹",
                "[1 × 10⁻⁹, 2 × 10⁻⁹]",
                "95 %",
                "c|d.log",
            ]),
            row([
                "<script>[a](b) `c` 한글",
                "–",
                "too few (n = 3)",
                "–",
                "@SUM(1)",
            ]),
        ],
        marks: Vec::new(),
    }
}
