//! The view as PDF, by Typst.
//!
//! Texts reach Typst as JSON and figures as files, both in memory: nothing of a campaign is
//! ever read as Typst's own language.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_kit::fonts::FontStore;
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use crate::ReportError;
use crate::figure::Figure;
use crate::text;
use crate::view::View;

const TEMPLATE: &str = include_str!("../../../templates/report.typ");
const FIGURE: &str = include_str!("../../../templates/figure.typ");

pub(crate) fn render(view: &View, figures: &[Figure]) -> Result<Vec<u8>, ReportError> {
    let fonts = crate::fonts::store();
    let mut data =
        serde_json::to_value(view).map_err(|error| ReportError::Pdf(error.to_string()))?;
    make_printable(&mut data, fonts.book());
    let report = Report::new(TEMPLATE, fonts, data.to_string(), figures)?;
    let document = typst::compile::<PagedDocument>(&report)
        .output
        .map_err(|errors| described(&errors))?;

    // A-2a and UA-1 turn a missing glyph or a missing text alternative into an error.
    let standards = PdfStandards::new(&[PdfStandard::A_2a, PdfStandard::Ua_1])
        .map_err(|error| ReportError::Pdf(error.message().to_string()))?;
    let options = PdfOptions {
        // The identifier and the absent timestamp are what makes two exports alike.
        ident: Smart::Custom(format!("vnicbench report of {}", view.campaign)),
        creator: Smart::Custom(Some("vnicbench".into())),
        timestamp: None,
        standards,
        ..PdfOptions::default()
    };
    typst_pdf::pdf(&document, &options).map_err(|errors| described(&errors))
}

/// A figure on a page of its own size.
pub(crate) fn of_figure(figure: &Figure) -> Result<Vec<u8>, ReportError> {
    let fonts = crate::fonts::store();
    let data = json!({ "id": figure.id, "title": figure.title, "alt": figure.alt });
    let figures = std::slice::from_ref(figure);
    let report = Report::new(FIGURE, fonts, data.to_string(), figures)?;
    let document = typst::compile::<PagedDocument>(&report)
        .output
        .map_err(|errors| described(&errors))?;
    let options = PdfOptions {
        ident: Smart::Custom(format!("vnicbench figure {}", figure.id)),
        creator: Smart::Custom(Some("vnicbench".into())),
        timestamp: None,
        ..PdfOptions::default()
    };
    typst_pdf::pdf(&document, &options).map_err(|errors| described(&errors))
}

fn described(errors: &[SourceDiagnostic]) -> ReportError {
    let messages: Vec<_> = errors
        .iter()
        .map(|error| {
            let hints = error.hints.iter().map(|hint| format!(" ({})", hint.v));
            format!("{}{}", error.message, hints.collect::<String>())
        })
        .collect();
    ReportError::Pdf(messages.join("; "))
}

/// Spells out characters that the fonts can't show, and lets long words break.
fn make_printable(value: &mut Value, book: &FontBook) {
    match value {
        Value::String(text) => *text = breakable(&printable(&text::unbroken(text), book)),
        Value::Array(items) => items.iter_mut().for_each(|item| make_printable(item, book)),
        Value::Object(fields) => {
            for (key, field) in fields.iter_mut() {
                // Anchors and file names are no text.
                if key != "id" {
                    make_printable(field, book);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn printable(text: &str, book: &FontBook) -> String {
    let shown = |c: char| {
        let code = c as u32;
        // Only scripts that are set from left to right in one glyph a character are safe to
        // take from whichever font has them.
        code < 0x250
            || (0x370..0x530).contains(&code)
            || (0x2010..0x2c00).contains(&code)
            || matches!(c, '\u{3001}'..='\u{301f}' | 'ㄱ'..='ㆎ' | '가'..='힣')
    };
    let covered = |c: char| {
        (0..)
            .map_while(|i| book.info(i))
            .any(|info| info.coverage.contains(c as u32))
    };
    let mut printable = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() || (shown(c) && covered(c)) {
            printable.push(c);
        } else {
            printable.extend(c.escape_unicode());
        }
    }
    printable
}

/// Longest run of characters between which no line is broken.
const LONGEST_WORD: usize = 24;

fn breakable(text: &str) -> String {
    let mut run = 0;
    let mut breakable = String::with_capacity(text.len());
    for c in text.chars() {
        if run == LONGEST_WORD {
            breakable.push('\u{200b}');
            run = 0;
        }
        breakable.push(c);
        run = if matches!(c, ' ' | '\u{a0}' | '/' | '-') {
            0
        } else {
            run + 1
        };
    }
    breakable
}

/// What Typst may see: a template, its data, the figures, the built-in fonts.
struct Report {
    library: LazyHash<Library>,
    fonts: FontStore,
    main: Source,
    files: BTreeMap<String, Bytes>,
}

impl Report {
    fn new(
        template: &str,
        fonts: FontStore,
        data: String,
        figures: &[Figure],
    ) -> Result<Self, ReportError> {
        let path =
            VirtualPath::new("report.typ").map_err(|error| ReportError::Pdf(error.to_string()))?;
        let id = RootedPath::new(VirtualRoot::Project, path).intern();
        let mut files = BTreeMap::from([("report.json".to_owned(), Bytes::from_string(data))]);
        for figure in figures {
            files.insert(
                format!("figures/{}.svg", figure.id),
                Bytes::from_string(figure.svg.clone()),
            );
        }
        Ok(Self {
            library: LazyHash::new(Library::default()),
            fonts,
            main: Source::new(id, template.into()),
            files,
        })
    }
}

impl World for Report {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.fonts.book()
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main.id() {
            Ok(self.main.clone())
        } else {
            Err(not_found(id))
        }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let path = id.vpath().get_without_slash();
        self.files.get(path).cloned().ok_or_else(|| not_found(id))
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.font(index)
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

fn not_found(id: FileId) -> FileError {
    FileError::NotFound(id.vpath().get_without_slash().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fonts_lack_is_spelled_out() {
        let fonts = crate::fonts::store();
        assert_eq!(
            printable("µs – 5 × 10⁻⁹ “é” → −1", fonts.book()),
            "µs – 5 × 10⁻⁹ “é” → −1"
        );
        assert_eq!(
            printable("한글 ㄱ 「뷁」 똠 漢 🦀", fonts.book()),
            "한글 ㄱ 「\\u{bdc1}」 \\u{b620} \\u{6f22} \\u{1f980}"
        );
    }

    #[test]
    fn long_words_break() {
        let text = breakable(&"x".repeat(100));
        assert_eq!(text.replace('\u{200b}', ""), "x".repeat(100));
        assert_eq!(text.matches('\u{200b}').count(), 4);
        assert_eq!(
            breakable("short words stay as they are"),
            "short words stay as they are"
        );
    }
}
