//! The words of the page's controls.

use serde::Serialize;

use crate::words::Words;

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
        let column: (&str, &dyn crate::words::Argument) = ("column", &"{column}");
        let (shown, all) = ("{shown}", "{all}");
        Self {
            controls: words.say("control-group", &[]),
            arms: words.say("control-arms", &[]),
            all_arms: words.say("control-all-arms", &[]),
            arms_shown: words.say("control-arms-shown", &[("shown", &shown), ("all", &all)]),
            themes: [
                words.say("control-theme-system", &[]),
                words.say("control-theme-light", &[]),
                words.say("control-theme-dark", &[]),
            ],
            logarithmic: words.say("control-logarithmic", &[]),
            linear: words.say("control-linear", &[]),
            filter: words.say("control-filter", &[]),
            rows_shown: words.say("control-rows-shown", &[("shown", &shown), ("all", &all)]),
            sorted: [
                words.say("control-sorted-up", &[column]),
                words.say("control-sorted-down", &[column]),
            ],
            values: words.say("control-values", &[]),
            numbers: words.say("control-numbers", &[]),
        }
    }
}
