//! The words of the page itself: of its controls, links and columns.

use serde::Serialize;

/// What a reader of the HTML operates the page with. `{…}` is filled in by the page's script.
#[derive(Debug, Clone, Serialize)]
pub struct Ui {
    /// First link of the page.
    pub skip: &'static str,
    /// Name of the table of contents.
    pub contents: &'static str,
    /// Name of the group of controls.
    pub controls: &'static str,
    /// Name of the list of arms that can be hidden.
    pub arms: &'static str,
    /// Of the button that shows all of them again.
    pub all_arms: &'static str,
    /// After a change of them.
    pub arms_shown: &'static str,
    /// Of the button that changes the colours: what they are now.
    pub themes: [&'static str; 3],
    /// Of the button beside a linear figure.
    pub logarithmic: &'static str,
    /// Of the button beside a logarithmic figure.
    pub linear: &'static str,
    /// Of the box that filters a table.
    pub filter: &'static str,
    /// After a table was filtered.
    pub rows_shown: &'static str,
    /// After a table was sorted.
    pub sorted: [&'static str; 2],
    /// Of a figure: how its values are read out.
    pub values: &'static str,
    /// From a figure to the table with its numbers.
    pub numbers: &'static str,
    /// Above a list of sources that is folded away; followed by how many there are.
    pub sources: &'static str,
    /// Of a cell without a value.
    pub no_value: &'static str,
    /// Columns of an exported list of sources.
    pub source_columns: [&'static str; 4],
}

/// The words in English.
pub const ENGLISH: Ui = Ui {
    skip: "Skip to the report",
    contents: "Contents",
    controls: "What is shown",
    arms: "Arms shown",
    all_arms: "Show all",
    arms_shown: "{shown} of {all} arms shown",
    themes: ["Colours: system’s", "Colours: light", "Colours: dark"],
    logarithmic: "Logarithmic axis",
    linear: "Linear axis",
    filter: "Filter rows",
    rows_shown: "{shown} of {all} rows",
    sorted: [
        "sorted by {column}, ascending",
        "sorted by {column}, descending",
    ],
    values: "The arrow keys up and down read the values out",
    numbers: "Numbers",
    sources: "Values with log and lines",
    no_value: "no value",
    source_columns: ["Arm", "Value", "Log", "Lines"],
};
