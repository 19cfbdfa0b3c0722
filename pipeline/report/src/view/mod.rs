//! The report as a reader meets it, before it has a form: sections of blocks, every text
//! and number final. The HTML and the PDF template print it and decide nothing but looks.

mod answers;
mod appendix;
pub(crate) mod claims;
pub(crate) mod compare;
mod cover;
mod environment;
mod panels;
pub(crate) mod pool;
mod quality;

use serde::Serialize;
use vnicbench_analysis::Analysis;
use vnicbench_model::{Cell, Testbed};

use crate::figure::{Figure, FigureError};
use crate::text;
use crate::words::Words;

/// A whole report.
#[derive(Debug, Clone, Serialize)]
pub struct View {
    /// Code of its language.
    pub language: &'static str,
    /// The campaign's name.
    pub campaign: String,
    /// Title of the document.
    pub title: String,
    /// One sentence, the matrix's own.
    pub description: String,
    /// Date of the campaign as year, month, day; none if its head doesn't give one.
    pub date: Option<(i32, u8, u8)>,
    /// Under the title.
    pub byline: String,
    /// On every page.
    pub banner: Option<String>,
    /// What the templates say themselves.
    pub labels: Labels,
    /// The contents; the first section is what fits a page and says most.
    pub sections: Vec<Section>,
}

impl View {
    /// The answers, each group after a line that says what it is about.
    pub fn answers(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for block in self.sections.iter().flat_map(|section| &section.blocks) {
            if let Block::Answers { about, items } = block {
                lines.push(format!("{about}:"));
                lines.extend(items.iter().map(|item| format!("  {item}")));
            }
        }
        lines
    }
}

/// Texts of the templates.
#[derive(Debug, Clone, Serialize)]
pub struct Labels {
    /// The link that leads past the contents.
    pub skip: String,
    /// Names the list of sections.
    pub sections: String,
    /// The page's number of how many, as a numbering pattern of Typst.
    pub pages: String,
    /// Headings of the tables of sources.
    pub source: SourceLabels,
}

/// Headings of the tables of sources.
#[derive(Debug, Clone, Serialize)]
pub struct SourceLabels {
    /// Whose value.
    pub arm: String,
    /// The value.
    pub value: String,
    /// The log it is from.
    pub log: String,
    /// The lines of that.
    pub lines: String,
    /// In place of values.
    pub none: String,
}

/// A section with its heading.
#[derive(Debug, Clone, Serialize)]
pub struct Section {
    /// Anchor.
    pub id: String,
    /// Heading.
    pub title: String,
    /// Contents.
    pub blocks: Vec<Block>,
}

/// A piece of a section.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Block {
    /// A heading below the section's.
    Heading {
        /// Anchor.
        id: String,
        /// The heading.
        text: String,
    },
    /// A paragraph.
    Text {
        /// Its text.
        text: String,
    },
    /// A paragraph that qualifies what stands before it.
    Note {
        /// Its text.
        text: String,
    },
    /// Answers of one workload: sentences that stand out.
    Answers {
        /// The workload.
        about: String,
        /// A sentence each.
        items: Vec<String>,
    },
    /// A plain list.
    List {
        /// Its items.
        items: Vec<String>,
    },
    /// Names and values.
    Facts {
        /// Pairs.
        items: Vec<Fact>,
    },
    /// A figure.
    Figure {
        /// Stable name: an anchor, a file name.
        id: String,
        /// Number and what is shown, how.
        caption: Caption,
        /// For those who don't see it.
        alt: String,
    },
    /// A table.
    Table(Table),
    /// Values with the places they come from.
    Sources {
        /// Anchor.
        id: String,
        /// What the values are.
        caption: Caption,
        /// A cell each.
        cells: Vec<Source>,
    },
}

/// A name and its value.
#[derive(Debug, Clone, Serialize)]
pub struct Fact {
    /// Name.
    pub name: String,
    /// Value.
    pub value: String,
}

/// What stands with a figure or a table.
#[derive(Debug, Clone, Serialize)]
pub struct Caption {
    /// `Figure 3`.
    pub number: String,
    /// The text.
    pub text: String,
}

/// A table. The first column names its rows.
#[derive(Debug, Clone, Serialize)]
pub struct Table {
    /// Anchor.
    pub id: String,
    /// Number and text.
    pub caption: Caption,
    /// Headings.
    pub columns: Vec<Column>,
    /// As many texts a row as there are columns.
    pub rows: Vec<Vec<String>>,
}

/// A column of a table.
#[derive(Debug, Clone, Serialize)]
pub struct Column {
    /// Heading.
    pub title: String,
    /// What its texts are, for their looks.
    pub style: Style,
    /// Share of the page's width in print; 0 for as much as the text takes.
    pub width: u8,
}

/// How the texts of a column are set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Style {
    /// Words.
    Text,
    /// Numbers, to the right.
    Number,
    /// Paths, digests, log lines.
    Code,
}

/// A cell's values and where each comes from.
#[derive(Debug, Clone, Serialize)]
pub struct Source {
    /// The cell.
    pub name: String,
    /// What all its paths begin with.
    pub directory: String,
    /// The values.
    pub values: Vec<SourceValue>,
}

/// A trial's value and its log.
#[derive(Debug, Clone, Serialize)]
pub struct SourceValue {
    /// In the unit of the caption.
    pub value: String,
    /// Below the directory.
    pub log: String,
    /// `4–103`.
    pub lines: String,
}

/// Makes the view of an analysis, with its figures in the order in which they appear.
///
/// # Errors
///
/// [`FigureError`] if one can't be drawn.
pub fn build(analysis: &Analysis, words: &Words) -> Result<(View, Vec<Figure>), FigureError> {
    let mut desk = Desk {
        cells: analysis.campaign.matrix.cells(),
        ..Desk::new(words)
    };
    let mut sections = vec![cover::section(analysis, &mut desk)?];
    sections.extend(panels::sections(analysis, &mut desk)?);
    sections.extend(claims::section(&analysis.claims, &mut desk));
    sections.push(quality::section(analysis, &mut desk));
    sections.push(environment::section(analysis, &mut desk));
    sections.push(appendix::methods(analysis, &mut desk));
    sections.push(appendix::sources(analysis, &mut desk));

    let campaign = &analysis.campaign;
    let emulated = campaign.testbed == Testbed::Emulated;
    let view = View {
        language: words.language().code(),
        campaign: text::foreign(&campaign.name),
        title: words.say("page-title", &[]),
        description: text::foreign(&campaign.matrix.description),
        date: date(&campaign.started),
        byline: words.say(
            "page-byline",
            &[
                ("campaign", &text::foreign(&campaign.name)),
                ("started", &text::foreign(&campaign.started)),
                ("version", &text::foreign(&campaign.tool_version)),
            ],
        ),
        banner: emulated.then(|| words.say("page-emulated", &[])),
        labels: labels(words),
        sections,
    };
    Ok((view, desk.figures))
}

fn labels(words: &Words) -> Labels {
    Labels {
        skip: words.say("page-skip", &[]),
        sections: words.say("page-sections", &[]),
        pages: words.say("page-numbering", &[]),
        source: SourceLabels {
            arm: words.say("column-arm", &[]),
            value: words.say("column-value", &[]),
            log: words.say("column-log", &[]),
            lines: words.say("column-lines", &[]),
            none: words.say("no-value", &[]),
        },
    }
}

/// The date of an RFC 3339 time.
fn date(time: &str) -> Option<(i32, u8, u8)> {
    let mut parts = time.split_once('T')?.0.splitn(3, '-');
    let date = (
        parts.next()?.parse().ok()?,
        parts.next()?.parse().ok()?,
        parts.next()?.parse().ok()?,
    );
    (1..=12).contains(&date.1).then_some(date)
}

/// What is gathered while the view is made: figures, and the numbers given out.
struct Desk<'a> {
    words: &'a Words,
    cells: Vec<Cell>,
    figures: Vec<Figure>,
    tables: u32,
}

impl<'a> Desk<'a> {
    fn new(words: &'a Words) -> Self {
        Self {
            words,
            cells: Vec::new(),
            figures: Vec::new(),
            tables: 0,
        }
    }

    /// Takes a figure in and gives its block.
    fn figure(&mut self, figure: Figure, text: String) -> Block {
        let caption = Caption {
            number: self
                .words
                .say("number-figure", &[("n", &(self.figures.len() + 1))]),
            text,
        };
        let block = Block::Figure {
            id: figure.id.clone(),
            caption,
            alt: figure.alt.clone(),
        };
        self.figures.push(figure);
        block
    }

    /// A caption with the next table's number.
    fn table_caption(&mut self, text: String) -> Caption {
        self.tables += 1;
        Caption {
            number: self.words.say("number-table", &[("n", &self.tables)]),
            text,
        }
    }

    /// A table with the next number.
    fn table(
        &mut self,
        id: &str,
        caption: &str,
        columns: Vec<Column>,
        rows: Vec<Vec<String>>,
    ) -> Block {
        let caption = self.table_caption(caption.to_owned());
        Block::Table(Table {
            id: id.to_owned(),
            caption,
            columns,
            rows,
        })
    }

    /// The cell of a row in an experiment.
    fn cell(&self, experiment: &str, id: &str) -> Option<&Cell> {
        self.cells
            .iter()
            .find(|cell| cell.experiment == experiment && cell.id() == id)
    }
}

/// Blocks that were to be run in the end.
fn blocks(analysis: &Analysis) -> u32 {
    let stopped = analysis.stopped.as_ref();
    stopped.map_or(analysis.campaign.matrix.blocks, |stopped| stopped.blocks)
}

fn column(title: &str, style: Style, width: u8) -> Column {
    Column {
        title: title.to_owned(),
        style,
        width,
    }
}

fn fact(name: &str, value: impl Into<String>) -> Fact {
    Fact {
        name: name.to_owned(),
        value: value.into(),
    }
}

fn paragraph(text: impl Into<String>) -> Block {
    Block::Text { text: text.into() }
}

fn note(text: impl Into<String>) -> Block {
    Block::Note { text: text.into() }
}

#[cfg(test)]
mod tests {
    #[test]
    fn dates() {
        assert_eq!(super::date("2026-11-23T18:40:00Z"), Some((2026, 11, 23)));
        for bad in ["", "2026-11-23", "2026-13-01T00:00:00Z", "x-y-zT"] {
            assert_eq!(super::date(bad), None, "{bad}");
        }
    }
}
