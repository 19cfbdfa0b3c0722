//! `README.md` and `BADGES.md`: what is known of a package, in words.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde::Serialize;
use vnicbench_analysis::{Analysis, Counts};
use vnicbench_model::Audit;

use crate::author::Author;
use crate::error::PackageError;
use crate::parts::{BADGES, README};
use crate::{VERSION, top};

const TEMPLATES: [(&str, &str); 2] = [
    (README, include_str!("../../../templates/package/README.md")),
    (BADGES, include_str!("../../../templates/package/BADGES.md")),
];

/// What the documents are filled from.
#[derive(Debug, Serialize)]
pub(crate) struct Facts<'a> {
    name: &'a str,
    top: String,
    version: &'static str,
    measured_by: &'a str,
    started: &'a str,
    /// What a reader of an emulated or synthetic campaign has to know.
    caution: Option<&'static str>,
    counts: Counts,
    cells: usize,
    blocks: u32,
    stopped: Option<&'a str>,
    differences: usize,
    accepted: usize,
    raw_files: usize,
    packages: usize,
    artifacts: usize,
    claims: bool,
    authors: bool,
    host: Host<'a>,
}

#[derive(Debug, Serialize)]
struct Host<'a> {
    cpu: &'a str,
    cpus: u32,
    kernel: &'a str,
    accelerator: &'a str,
    nics: Vec<String>,
}

impl<'a> Host<'a> {
    fn of(audit: &'a Audit) -> Self {
        let used = audit.nics.iter().filter(|nic| !nic.role.is_empty());
        Self {
            cpu: &audit.cpu,
            cpus: audit.cpus,
            kernel: &audit.kernel,
            accelerator: &audit.accelerator,
            nics: used
                .map(|nic| {
                    let device = nic.device.as_deref().unwrap_or("no PCI device");
                    format!("{}: {} ({device})", nic.role, nic.driver)
                })
                .collect(),
        }
    }
}

impl<'a> Facts<'a> {
    /// Those of a campaign called `name` with `raw_files` files.
    pub(crate) fn new(
        analysis: &'a Analysis,
        name: &'a str,
        authors: &[Author],
        claims: bool,
        raw_files: usize,
    ) -> Self {
        let head = &analysis.campaign;
        let stopped = analysis.stopped.as_ref();
        Self {
            name,
            top: top(name),
            version: VERSION,
            measured_by: &head.tool_version,
            started: &head.started,
            caution: vnicbench_report::caution(head.testbed),
            counts: analysis.counts,
            cells: analysis.cells.len(),
            blocks: stopped.map_or(head.matrix.blocks, |stopped| stopped.blocks),
            stopped: stopped.map(|stopped| stopped.reason.as_str()),
            differences: head.environment.differences.len(),
            accepted: analysis.accepted.len(),
            raw_files,
            packages: head.environment.packages.len(),
            artifacts: head.environment.artifacts.len(),
            claims,
            authors: !authors.is_empty(),
            host: Host::of(&head.audit),
        }
    }

    /// How to check the package.
    pub(crate) fn readme(&self) -> Result<String, PackageError> {
        self.fill(README)
    }

    /// The check-list of the badges.
    pub(crate) fn badges(&self) -> Result<String, PackageError> {
        self.fill(BADGES)
    }

    fn fill(&self, document: &'static str) -> Result<String, PackageError> {
        let fill = || -> Result<String, minijinja::Error> {
            let mut environment = Environment::new();
            environment.set_undefined_behavior(UndefinedBehavior::Strict);
            environment.set_auto_escape_callback(|_| AutoEscape::None);
            environment.set_syntax(
                SyntaxConfig::builder()
                    .trim_blocks(true)
                    .lstrip_blocks(true)
                    .build()?,
            );
            environment.add_filter("code", code);
            for (name, template) in TEMPLATES {
                environment.add_template(name, template)?;
            }
            let text = environment.get_template(document)?.render(Serde(self))?;
            Ok(text + "\n")
        };
        fill().map_err(|error| PackageError::Document {
            document,
            why: format!("{error:#}"),
        })
    }
}

/// Text of a campaign in Markdown: as code, which nothing in it can end.
fn code(text: String) -> String {
    let mut shown: String = text
        .chars()
        .take(200)
        .map(|c| match c {
            '`' => '\'',
            c if c.is_control() => ' ',
            c => c,
        })
        .collect();
    if shown.trim().is_empty() {
        shown = "not known".to_owned();
    }
    format!("`{}`", shown.trim())
}

#[cfg(test)]
mod tests {
    #[test]
    fn text_of_a_campaign_stays_code() {
        assert_eq!(super::code("a`b\n# c".into()), "`a'b # c`");
        assert_eq!(super::code(" \n".into()), "`not known`");
    }
}
