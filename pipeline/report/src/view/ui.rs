//! The words of the page's controls.

use serde::Serialize;

use crate::words::{Words, say};

/// What a reader of the HTML operates the page with. `{…}` is filled in by the page's script.
#[derive(Debug, Clone, Serialize)]
pub struct Ui {
    /// Name of the group of controls.
    pub controls: String,
    /// Name of the list of arms that can be hidden.
    pub arms: String,
    /// Of the button that shows all of them again.
    pub all_arms: String,
    /// After a change of them.
    pub arms_shown: String,
    /// Of the button that changes the colours: what they are now.
    pub themes: [String; 3],
    /// Of the button beside a linear figure.
    pub logarithmic: String,
    /// Of the button beside a logarithmic figure.
    pub linear: String,
    /// Of the box that filters a table.
    pub filter: String,
    /// After a table was filtered.
    pub rows_shown: String,
    /// After a table was sorted up or down.
    pub sorted: [String; 2],
    /// Of a figure: how its values are read out.
    pub values: String,
    /// From a figure to the table with its numbers.
    pub numbers: String,
}

impl Ui {
    /// The controls in a language.
    pub fn of(words: &Words) -> Self {
        let (column, shown, all) = ("{column}", "{shown}", "{all}");
        Self {
            controls: say!(words, "control-group"),
            arms: say!(words, "control-arms"),
            all_arms: say!(words, "control-all-arms"),
            arms_shown: say!(words, "control-arms-shown", shown = shown, all = all),
            themes: [
                say!(words, "control-theme-system"),
                say!(words, "control-theme-light"),
                say!(words, "control-theme-dark"),
            ],
            logarithmic: say!(words, "control-logarithmic"),
            linear: say!(words, "control-linear"),
            filter: say!(words, "control-filter"),
            rows_shown: say!(words, "control-rows-shown", shown = shown, all = all),
            sorted: [
                say!(words, "control-sorted-up", column = column),
                say!(words, "control-sorted-down", column = column),
            ],
            values: say!(words, "control-values"),
            numbers: say!(words, "control-numbers"),
        }
    }
}
