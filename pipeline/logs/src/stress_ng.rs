//! stress-ng: what it prints (`text`) and what it writes for `--yaml` (`yaml`).

mod text;
mod yaml;

pub(crate) use text::parse as parse_text;
pub(crate) use yaml::parse as parse_yaml;
