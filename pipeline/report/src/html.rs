//! The view as HTML.

mod key;

use std::collections::BTreeMap;
use std::fmt::Write;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, context};
use sha2::{Digest, Sha256};

use crate::ReportError;
use crate::figure::{self, Figure, Spacing, canvas};
use crate::text;
use crate::view::View;
use crate::words::Language;

const TEMPLATE: &str = include_str!("../../../templates/report.html");
const STYLE: &str = include_str!("../../../templates/report.css");
const KOREAN: &str = include_str!("../../../templates/korean.css");
const SCRIPT: &str = include_str!("../../../templates/report.js");

pub(crate) fn render(view: &View, figures: &[Figure]) -> Result<String, ReportError> {
    // minijinja tells what went wrong in a chain of causes.
    let failed = |error: minijinja::Error| ReportError::Html(format!("{error:#}"));
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build()
        .map_err(failed)?;
    environment.set_syntax(syntax);
    environment.set_formatter(|out, _, value| match value.as_str() {
        Some(text) if !value.is_safe() => Ok(out.write_str(&escaped(text))?),
        _ => Ok(write!(out, "{value}")?),
    });
    environment.add_filter("key", |text: &str| key::of(text));
    environment
        .add_template("report.html", TEMPLATE)
        .map_err(failed)?;
    let template = environment.get_template("report.html").map_err(failed)?;
    let words =
        serde_json::to_string(&view.ui).map_err(|error| ReportError::Html(error.to_string()))?;
    template
        .render(context! {
            view => Serde(view),
            drawings => Serde(drawings(figures)),
            swatches => Serde(swatches(view)?),
            style => format!("{STYLE}{}{}", dark_figures(), of_language(view)),
            script => SCRIPT,
            script_digest => BASE64_STANDARD.encode(Sha256::digest(SCRIPT)),
            words,
        })
        .map_err(failed)
}

/// Text without markup, between tags or in a quoted attribute. minijinja's own would write
/// the slashes of ten thousands of paths as references.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text::unbroken(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#x27;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A figure's drawings: the first, and what the other's axis is with the other.
type Drawings = (String, Option<(Spacing, String)>);

fn drawings(figures: &[Figure]) -> BTreeMap<&str, Drawings> {
    let drawings = figures.iter().map(|figure| {
        let other = figure.other.as_ref();
        let other = other.map(|other| (other.spacing, close(&other.svg)));
        (figure.id.as_str(), (close(&figure.svg), other))
    });
    drawings.collect()
}

/// Markup with its line breaks inside of tags: between them a browser would hold each as a text.
fn close(svg: &str) -> String {
    svg.replace("/>\n<", "\n/><").replace(">\n<", "\n><")
}

/// The marker of each arm by its key.
fn swatches(view: &View) -> Result<BTreeMap<&str, String>, ReportError> {
    let swatch = |arm| figure::swatch(arm).map_err(ReportError::from);
    view.arms
        .iter()
        .map(|name| Ok((name.key.as_str(), swatch(name.arm)?)))
        .collect()
}

/// Rules of the report's language.
fn of_language(view: &View) -> &'static str {
    match view.language == Language::Korean.code() {
        true => KOREAN,
        false => "",
    }
}

/// Rules that swap the colours of figures in the dark.
fn dark_figures() -> String {
    let mut rules = String::new();
    for (day, night) in
        figure::IN_THE_DARK.map(|(day, night)| (canvas::hex(day), canvas::hex(night)))
    {
        for property in ["fill", "stroke"] {
            // Writing to a string can't fail.
            let _ = writeln!(
                rules,
                "[{property}=\"{day}\"] {{ {property}: light-dark({day}, {night}); }}"
            );
        }
    }
    rules
}

#[cfg(test)]
mod tests {
    #[test]
    fn elements_still_end_where_they_did() {
        assert_eq!(
            super::close("<g>\n<path d=\"M0 0\"/>\n<text>a</text>\n</g>\n"),
            "<g\n><path d=\"M0 0\"\n/><text>a</text\n></g>\n"
        );
    }

    #[test]
    fn the_script_cannot_end_early() {
        assert!(!super::SCRIPT.to_lowercase().contains("</script"));
        assert!(!super::SCRIPT.contains("<!--"));
    }
}
