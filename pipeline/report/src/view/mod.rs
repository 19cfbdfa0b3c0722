//! The report as a reader meets it, before it has a form: sections of blocks, every text
//! and number final. The HTML and the PDF template print it and decide nothing but looks.

mod answers;
mod appendix;
pub(crate) mod claims;
pub(crate) mod compare;
mod cover;
mod environment;
mod findings;
mod panels;
mod path;
pub(crate) mod pool;
mod provenance;
mod quality;
mod stability;
mod ui;
mod versions;

use std::collections::BTreeMap;

use serde::Serialize;
use vnicbench_analysis::{Analysis, Panel};
use vnicbench_model::{Arm, Cell, Testbed};

use crate::figure::{Figure, FigureError};
use crate::terms;
use crate::text;
use crate::words::{Words, say};

pub use ui::Ui;

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
    /// What was compared, in the order of the matrix.
    pub arms: Vec<ArmName>,
    /// Words of the page itself.
    pub ui: Ui,
}

/// An arm by both of its names.
#[derive(Debug, Clone, Serialize)]
pub struct ArmName {
    /// In attributes.
    pub key: String,
    /// To a reader.
    pub name: String,
    /// The arm.
    #[serde(skip)]
    pub arm: Arm,
}

impl View {
    /// The tables in their order, lists of sources among them.
    pub fn tables(&self) -> Vec<Table> {
        let blocks = self.sections.iter().flat_map(|section| &section.blocks);
        let tables = blocks.filter_map(|block| match block {
            Block::Table(table) => Some(table.clone()),
            Block::Sources { id, caption, cells } => {
                Some(source_table(id, caption, cells, &self.labels.source))
            }
            _ => None,
        });
        tables.collect()
    }

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
        /// Anchor of the table with its numbers.
        table: Option<String>,
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Caption {
    /// `Figure 3`.
    pub number: String,
    /// The text.
    pub text: String,
}

/// A table. The first column names its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Table {
    /// Anchor.
    pub id: String,
    /// Number and text.
    pub caption: Caption,
    /// Headings.
    pub columns: Vec<Column>,
    /// As many texts a row as there are columns.
    pub rows: Vec<Vec<String>>,
    /// What a page knows of each row beside its texts; none, or as many as there are rows.
    pub marks: Vec<Mark>,
}

impl Block {
    /// A table whose rows belong to arms or lead to sources.
    fn marked(mut self, of: impl IntoIterator<Item = Mark>) -> Self {
        if let Self::Table(table) = &mut self {
            table.marks = of.into_iter().collect();
        }
        self
    }
}

/// What a page knows of a row beside its texts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Mark {
    /// Key of the arm that it is hidden with.
    pub arm: Option<String>,
    /// Its own anchor.
    pub row: Option<String>,
    /// Anchor of the values that it was made from.
    pub source: Option<String>,
}

impl Mark {
    /// A row of an arm.
    fn of(arm: Arm) -> Self {
        Self {
            arm: Some(arm.to_string()),
            ..Self::default()
        }
    }

    /// That leads to the values of a panel's row.
    fn sourced(mut self, panel: &Panel, cell: &str) -> Self {
        let row = panel.rows.iter().position(|row| row.cell == cell);
        self.source = row.map(|row| anchor_of(panel, "source", row));
        self
    }
}

/// Anchor of something of the row of a panel.
fn anchor_of(panel: &Panel, what: &str, row: usize) -> String {
    text::anchor(&format!("{}-{what}-{row}", panel.id))
}

/// A list of sources as a table.
fn source_table(id: &str, caption: &Caption, cells: &[Source], labels: &SourceLabels) -> Table {
    let columns = vec![
        column(labels.arm.as_str(), Style::Text, 0),
        column(labels.value.as_str(), Style::Number, 0),
        column(labels.log.as_str(), Style::Code, 0),
        column(labels.lines.as_str(), Style::Code, 0),
    ];
    let rows = cells.iter().flat_map(|cell| {
        cell.values.iter().map(move |v| {
            let log = format!("{}{}", cell.directory, v.log);
            vec![cell.name.clone(), v.value.clone(), log, v.lines.clone()]
        })
    });
    Table {
        id: id.to_owned(),
        caption: caption.clone(),
        columns,
        rows: rows.collect(),
        marks: Vec::new(),
    }
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
    /// Anchor.
    pub id: String,
    /// Anchor of the row of the estimate made from them.
    pub row: String,
    /// Key of its arm.
    pub arm: String,
    /// The cell.
    pub name: String,
    /// Where most values are from, `*` for what differs: `trials/latency/<cell>/*/ping-vm.log:2–101`.
    pub place: String,
    /// Each value behind what stands for the `*`, or behind the log where that is another.
    pub text: String,
    /// What all its paths begin with.
    #[serde(skip)]
    pub directory: String,
    /// The values.
    #[serde(skip)]
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
    let mut desk = Desk::of(analysis.campaign.matrix.cells(), words);
    let mut sections = vec![cover::section(analysis, &mut desk)?];
    sections.extend(panels::sections(analysis, &mut desk)?);
    sections.push(path::section(analysis, &mut desk)?);
    sections.extend(claims::section(analysis, &mut desk));
    sections.push(quality::section(analysis, &mut desk)?);
    sections.push(environment::section(analysis, &mut desk));
    sections.push(appendix::methods(analysis, &mut desk));
    sections.push(appendix::sources(analysis, &mut desk));

    let campaign = &analysis.campaign;
    let view = View {
        language: words.language().code(),
        campaign: text::foreign(&campaign.name),
        title: say!(words, "page-title"),
        description: text::foreign(&campaign.matrix.description),
        date: date(&campaign.started),
        byline: say!(
            words,
            "page-byline",
            campaign = text::foreign(&campaign.name),
            started = text::foreign(&campaign.started),
            version = text::foreign(&campaign.tool_version)
        ),
        banner: banner(campaign.testbed, words),
        labels: labels(words),
        sections,
        arms: arms(&desk.cells, words),
        ui: Ui::of(words),
    };
    Ok((view, desk.figures))
}

/// What every page says of a test bed that isn't hardware.
fn banner(testbed: Testbed, words: &Words) -> Option<String> {
    match testbed {
        Testbed::Attached => None,
        Testbed::Emulated => Some(say!(words, "page-emulated")),
        Testbed::Synthetic => Some(say!(words, "page-synthetic")),
    }
}

/// The arms of cells, each once.
fn arms(cells: &[Cell], words: &Words) -> Vec<ArmName> {
    let mut arms: Vec<ArmName> = Vec::new();
    for arm in cells.iter().map(|cell| cell.arm) {
        if !arms.iter().any(|known| known.arm == arm) {
            arms.push(ArmName {
                key: arm.to_string(),
                name: terms::arm(words, arm),
                arm,
            });
        }
    }
    arms
}

fn labels(words: &Words) -> Labels {
    Labels {
        skip: say!(words, "page-skip"),
        sections: say!(words, "page-sections"),
        pages: say!(words, "page-numbering"),
        source: SourceLabels {
            arm: say!(words, "column-arm"),
            value: say!(words, "column-value"),
            log: say!(words, "column-log"),
            lines: say!(words, "column-lines"),
            none: say!(words, "no-value"),
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
    /// Workloads by what the analysis calls them.
    workloads: BTreeMap<String, String>,
    figures: Vec<Figure>,
    tables: u32,
}

impl<'a> Desk<'a> {
    fn new(words: &'a Words) -> Self {
        Self::of(Vec::new(), words)
    }

    fn of(cells: Vec<Cell>, words: &'a Words) -> Self {
        let workloads = cells.iter().map(|cell| {
            let workload = &cell.workload;
            (workload.to_string(), terms::workload(words, workload))
        });
        Self {
            words,
            workloads: workloads.collect(),
            cells,
            figures: Vec::new(),
            tables: 0,
        }
    }

    /// A workload of the campaign, by what the analysis calls it.
    fn workload<'w>(&'w self, name: &'w str) -> &'w str {
        self.workloads.get(name).map_or(name, String::as_str)
    }

    /// Takes a figure in and gives its block.
    fn figure(&mut self, figure: Figure, text: String) -> Block {
        let caption = Caption {
            number: say!(self.words, "number-figure", n = self.figures.len() + 1),
            text,
        };
        let block = Block::Figure {
            id: figure.id.clone(),
            caption,
            alt: figure.alt.clone(),
            table: None,
        };
        self.figures.push(figure);
        block
    }

    /// Takes in a figure whose numbers are in a table.
    fn figure_of(&mut self, figure: Figure, text: String, of: &str) -> Block {
        let mut block = self.figure(figure, text);
        if let Block::Figure { table, .. } = &mut block {
            *table = Some(of.to_owned());
        }
        block
    }

    /// A caption with the next table's number.
    fn table_caption(&mut self, text: String) -> Caption {
        self.tables += 1;
        Caption {
            number: say!(self.words, "number-table", n = self.tables),
            text,
        }
    }

    /// A table with the next number.
    fn table(
        &mut self,
        id: &str,
        caption: impl Into<String>,
        columns: Vec<Column>,
        rows: Vec<Vec<String>>,
    ) -> Block {
        let caption = self.table_caption(caption.into());
        Block::Table(Table {
            id: id.to_owned(),
            caption,
            columns,
            rows,
            marks: Vec::new(),
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

fn column(title: impl Into<String>, style: Style, width: u8) -> Column {
    Column {
        title: title.into(),
        style,
        width,
    }
}

fn fact(name: impl Into<String>, value: impl Into<String>) -> Fact {
    Fact {
        name: name.into(),
        value: value.into(),
    }
}

fn paragraph(text: impl Into<String>) -> Block {
    Block::Text { text: text.into() }
}

fn heading(id: &str, text: impl Into<String>) -> Block {
    Block::Heading {
        id: id.to_owned(),
        text: text.into(),
    }
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
