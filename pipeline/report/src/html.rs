//! The view as HTML.

use std::collections::BTreeMap;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, context};

use crate::ReportError;
use crate::figure::Figure;
use crate::view::View;

const TEMPLATE: &str = include_str!("../../../templates/report.html");
const STYLE: &str = include_str!("../../../templates/report.css");

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
    environment
        .add_template("report.html", TEMPLATE)
        .map_err(failed)?;
    let svg: BTreeMap<&str, &str> = figures
        .iter()
        .map(|f| (f.id.as_str(), f.svg.as_str()))
        .collect();
    let template = environment.get_template("report.html").map_err(failed)?;
    template
        .render(context! { view => Serde(view), svg => Serde(svg), style => STYLE })
        .map_err(failed)
}
