//! The file of `--yaml`: of its sections only `metrics` is read; each document is a run.
//!
//! ```yaml
//! metrics:
//!     - stressor: cpu
//!       bogo-ops: 2095
//!       bogo-ops-per-second-usr-sys-time: 2091.492567
//!       bogo-ops-per-second-real-time: 2091.046046
//!       wall-clock-time: 1.001891
//!       user-time: 0.997671
//!       system-time: 0.004006
//! ```

use super::number;
use crate::account::{LineReader, Taken};
use crate::lines::Line;
use crate::number::whole;
use crate::stress::{End, Open, Run, Stressor, document};
use crate::warning::{WarningKind, Warnings};
use crate::{Document, Tool};

/// A list item of `metrics`; every field of it must come.
#[derive(Default)]
struct Item {
    name: String,
    bogo_ops: Option<u64>,
    real_s: Option<f64>,
    usr_s: Option<f64>,
    sys_s: Option<f64>,
    ops_per_real_s: Option<f64>,
    ops_per_cpu_s: Option<f64>,
    line: u64,
}

impl Item {
    fn stressor(&self) -> Option<Stressor> {
        Some(Stressor {
            name: self.name.clone(),
            bogo_ops: self.bogo_ops?,
            real_s: self.real_s?,
            usr_s: self.usr_s?,
            sys_s: self.sys_s?,
            ops_per_real_s: self.ops_per_real_s?,
            ops_per_cpu_s: self.ops_per_cpu_s?,
            line: self.line,
        })
    }
}

#[derive(Default)]
pub(super) struct Reader {
    runs: Vec<Run>,
    open: Option<Open>,
    item: Option<Item>,
    /// Inside of the section that is read.
    metrics: bool,
    recognised: bool,
}

impl Reader {
    fn opened(&mut self, line: u64) -> &mut Open {
        self.open.get_or_insert_with(|| Open::at(line))
    }

    /// Ends the item.
    fn keep(&mut self, line: u64, warnings: &mut Warnings) {
        let Some(item) = self.item.take() else { return };
        match item.stressor() {
            Some(stressor) => self.opened(line).stressors.push(stressor),
            None => {
                let text = format!("stressor {} lacks metrics", item.name);
                warnings.push(WarningKind::Malformed, item.line, text);
            }
        }
    }

    fn close(&mut self, line: u64, warnings: &mut Warnings) {
        self.keep(line, warnings);
        self.metrics = false;
        if let Some(open) = self.open.take() {
            open.close(line, &mut self.runs, warnings);
        }
    }
}

impl LineReader for Reader {
    fn line(&mut self, line: Line<'_>, warnings: &mut Warnings) -> Taken {
        let text = line.bytes.trim_ascii();
        match text {
            b"" => return Taken::Not,
            b"---" => {
                self.close(line.number, warnings);
                self.opened(line.number);
                return Taken::Read;
            }
            // Three dots end a document, so the log of a whole run.
            b"..." => {
                self.keep(line.number, warnings);
                self.opened(line.number).ended = Some(End::Ok);
                self.close(line.number, warnings);
                return Taken::Read;
            }
            _ => {}
        }
        let (new, text) = match text.strip_prefix(b"- ") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let field = text
            .iter()
            .position(|&byte| byte == b':')
            .and_then(|colon| Some((text.get(..colon)?, text.get(colon + 1..)?.trim_ascii())));
        let Some((key, value)) = field else {
            let kind = if line.ended {
                WarningKind::Noise
            } else {
                WarningKind::CutFile
            };
            warnings.push(kind, line.number, text);
            return Taken::Not;
        };
        let section = line
            .bytes
            .first()
            .is_some_and(|byte| !byte.is_ascii_whitespace() && *byte != b'-');
        if section && (!value.is_empty() || key.contains(&b' ')) {
            // A section has no value; this is text of something else.
            warnings.push(WarningKind::Noise, line.number, text);
            return Taken::Not;
        }
        if section {
            self.keep(line.number, warnings);
            self.metrics = key == b"metrics";
            self.recognised |= self.metrics || key == b"system-info";
            self.opened(line.number);
            return Taken::Read;
        }
        // A value without its line's end may be cut.
        if !self.metrics || !line.ended {
            return Taken::Not;
        }
        if new {
            self.keep(line.number, warnings);
            if key == b"stressor" {
                self.item = Some(Item {
                    name: String::from_utf8_lossy(value).into_owned(),
                    line: line.number,
                    ..Item::default()
                });
                return Taken::Read;
            }
        }
        let Some(item) = &mut self.item else {
            return Taken::Not;
        };
        let number = number(value);
        match key {
            b"bogo-ops" => item.bogo_ops = whole(value),
            b"bogo-ops-per-second-usr-sys-time" => item.ops_per_cpu_s = number,
            b"bogo-ops-per-second-real-time" => item.ops_per_real_s = number,
            b"wall-clock-time" => item.real_s = number,
            b"user-time" => item.usr_s = number,
            b"system-time" => item.sys_s = number,
            _ => return Taken::Not,
        }
        Taken::Read
    }

    fn finish(mut self, last: u64, mut warnings: Warnings) -> Document {
        self.close(last, &mut warnings);
        if !self.recognised && self.runs.is_empty() {
            return Document::foreign(Tool::StressNg, warnings);
        }
        document(Tool::StressNg, "yaml", self.runs, warnings)
    }
}
