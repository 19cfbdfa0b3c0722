//! Which experiment a log is of, by its path.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// The factor that says how a log is to be read.
pub(super) const TOOL: &str = "tool";

/// Columns that tables have already, and what looks like one of them.
const TAKEN: [&str; 13] = [
    "file", "run", "index", "line", "kind", "text", "name", "value", "unit", "time", "subject",
    "outcome", "source",
];

/// How paths are mapped to factors, as written in a file:
///
/// ```toml
/// # The first that fits a path (below the directory) as a whole counts.
/// paths = ["{backend}/{vms}vm/{tool}-{instance}.{trial}.log", "{backend}/{_}.txt"]
///
/// [factors]            # the same for every log; a path may say otherwise
/// host = "lab-1"
/// ```
///
/// A name in braces stands for one or more characters other than `/`, as few as fit, and
/// `{_}` for some that don't matter; the same name twice stands for the same characters. Where
/// `{tool}` is the name of a known tool, logs are read as its; otherwise their content tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layout {
    templates: Vec<Vec<Part>>,
    fixed: BTreeMap<String, String>,
    names: Vec<String>,
}

/// Why a layout can't be used.
#[derive(Debug, thiserror::Error)]
pub enum LayoutError {
    /// It can't be read.
    #[error("cannot read the layout {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It isn't what a layout is.
    #[error("the layout {path} can't be used: {message}")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong, where, and what would be right.
        message: String,
    },
}

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    /// Of `names`; none for `{_}`.
    Factor(Option<usize>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    paths: Vec<String>,
    #[serde(default)]
    factors: BTreeMap<String, String>,
}

impl Layout {
    /// Reads a layout.
    ///
    /// # Errors
    ///
    /// [`LayoutError`], with the place and what would be right.
    pub fn read(path: &Path) -> Result<Self, LayoutError> {
        let text = std::fs::read_to_string(path).map_err(|source| LayoutError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&text).map_err(|message| LayoutError::Invalid {
            path: path.to_owned(),
            message,
        })
    }

    fn parse(text: &str) -> Result<Self, String> {
        let written: Written = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut layout = Self::default();
        for name in written.factors.keys() {
            layout.name(name)?;
        }
        layout.fixed = written.factors;
        for template in &written.paths {
            let parts = layout.template(template);
            let parts = parts.map_err(|message| format!("{template:?}: {message}"))?;
            layout.templates.push(parts);
        }
        if layout.templates.is_empty() {
            return Err("paths is empty; give at least one template".to_owned());
        }
        Ok(layout)
    }

    /// The factors, in the order of the columns: fixed ones by name, then as they first come.
    pub fn factors(&self) -> &[String] {
        &self.names
    }

    fn name(&mut self, name: &str) -> Result<usize, String> {
        if let Some(at) = self.names.iter().position(|known| known == name) {
            return Ok(at);
        }
        let letters = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        if name.is_empty() || !name.bytes().all(letters) {
            return Err(format!(
                "{name:?} is no name for a column; use lower-case letters, digits and _"
            ));
        }
        if TAKEN.contains(&name) {
            return Err(format!("every table has a column {name:?} already"));
        }
        self.names.push(name.to_owned());
        Ok(self.names.len() - 1)
    }

    fn template(&mut self, template: &str) -> Result<Vec<Part>, String> {
        let mut parts = Vec::new();
        let mut rest = template;
        while let Some((text, behind)) = rest.split_once('{') {
            let Some((name, behind)) = behind.split_once('}') else {
                return Err("a { has no }".to_owned());
            };
            if !text.is_empty() {
                parts.push(Part::Text(text.to_owned()));
            }
            if text.is_empty() && matches!(parts.last(), Some(Part::Factor(_))) {
                return Err(format!("nothing tells {{{name}}} from what is before it"));
            }
            let factor = if name == "_" {
                None
            } else {
                Some(self.name(name)?)
            };
            parts.push(Part::Factor(factor));
            rest = behind;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(parts)
    }

    /// The levels of a log at `path`, in the order of [`factors`](Self::factors); none if no
    /// template fits. A layout without templates has a place for all.
    pub fn levels(&self, path: &str) -> Option<Vec<Option<String>>> {
        if self.templates.is_empty() {
            return Some(Vec::new());
        }
        let mut found = self.templates.iter().filter_map(|parts| {
            let mut levels = vec![None; self.names.len()];
            fits(parts, path, &mut levels).then_some(levels)
        });
        let levels = found.next()?;
        let own = levels.into_iter().zip(&self.names);
        let all = own.map(|(level, name)| {
            level.map_or_else(
                || self.fixed.get(name).cloned(),
                |level| Some(level.to_owned()),
            )
        });
        Some(all.collect())
    }
}

/// Whether `parts` are all of `path`; the levels of those that are factors.
fn fits<'p>(parts: &[Part], path: &'p str, levels: &mut Vec<Option<&'p str>>) -> bool {
    let Some((part, parts)) = parts.split_first() else {
        return path.is_empty();
    };
    match part {
        Part::Text(text) => path
            .strip_prefix(text.as_str())
            .is_some_and(|rest| fits(parts, rest, levels)),
        Part::Factor(factor) => {
            let longest = path.find('/').unwrap_or(path.len());
            let before = levels.clone();
            for (at, character) in path.char_indices() {
                let end = at + character.len_utf8();
                if end > longest {
                    break;
                }
                let (level, rest) = path.split_at(end);
                if let Some(slot) = factor.and_then(|factor| levels.get_mut(factor)) {
                    if slot.is_some_and(|known| known != level) {
                        continue;
                    }
                    *slot = Some(level);
                }
                if fits(parts, rest, levels) {
                    return true;
                }
                levels.clone_from(&before);
            }
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(layout: &Layout, path: &str) -> Option<Vec<String>> {
        let levels = layout.levels(path)?;
        Some(levels.into_iter().map(Option::unwrap_or_default).collect())
    }

    #[test]
    fn paths_to_levels() {
        let layout = Layout::parse(
            r#"
            paths = ["{backend}/{vms}vm/{tool}-{instance}.{trial}.log", "{backend}/{_}.txt", "{a}-{a}"]
            [factors]
            host = "lab"
            backend = "none"
            "#,
        )
        .unwrap();
        assert_eq!(
            layout.factors(),
            ["backend", "host", "vms", "tool", "instance", "trial", "a"]
        );
        assert_eq!(
            levels(&layout, "vhost/16vm/ping-vm-3.7.log").unwrap(),
            ["vhost", "lab", "16", "ping", "vm-3", "7", ""]
        );
        assert_eq!(
            levels(&layout, "sriov/what.ever.txt").unwrap(),
            ["sriov", "lab", "", "", "", "", ""]
        );
        assert_eq!(levels(&layout, "ab-ab").unwrap().last().unwrap(), "ab");
        assert_eq!(levels(&layout, "ab-ab").unwrap()[0], "none");
        for path in ["ab-ac", "a/b/c.txt", "/.txt", "", "vhost/vm/ping-1.1.log"] {
            assert_eq!(layout.levels(path), None, "{path}");
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, said) in [
            ("paths = []", "at least one"),
            ("paths = ['{a']", "has no }"),
            ("paths = ['{a}{b}']", "nothing tells {b}"),
            ("paths = ['{A b}']", "lower-case"),
            ("paths = ['{file}']", "already"),
            ("path = ['x']", "unknown field"),
        ] {
            let message = Layout::parse(text).unwrap_err();
            assert!(message.contains(said), "{text}: {message}");
        }
    }
}
