//! The file of `--yaml`: of its sections only `metrics` is read.
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

use crate::lines::Lines;
use crate::number::{decimal, whole};
use crate::stress::{End, Open, Stressor, document};
use crate::warning::{WarningKind, Warnings};
use crate::{Document, ReadError, Tool};

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

pub(crate) fn parse(mut lines: Lines<'_>) -> Result<Document, ReadError> {
    let mut warnings = Warnings::default();
    let mut run = Open {
        line: 1,
        ..Open::default()
    };
    let mut item: Option<Item> = None;
    let mut last = 0;
    while let Some(line) = lines.next()? {
        last = line.number;
        let text = line.bytes.trim_ascii();
        // The last line of a whole file: three dots end a YAML document.
        if text == b"..." {
            run.ended = Some(End::Ok);
        }
        let (new, text) = match text.strip_prefix(b"- ") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let Some(colon) = text.iter().position(|&byte| byte == b':') else {
            continue;
        };
        let (Some(key), Some(value)) = (text.get(..colon), text.get(colon + 1..)) else {
            continue;
        };
        let value = value.trim_ascii();
        if new
            || line
                .bytes
                .first()
                .is_some_and(|byte| !byte.is_ascii_whitespace())
        {
            keep(item.take(), &mut run, &mut warnings);
        }
        if new && key == b"stressor" {
            let name = String::from_utf8_lossy(value).into_owned();
            item = Some(Item {
                name,
                line: line.number,
                ..Item::default()
            });
        }
        // A number without its line's end may be cut.
        let Some(item) = item.as_mut().filter(|_| line.ended) else {
            continue;
        };
        let number = decimal(value).map(|(number, _)| number.value);
        match key {
            b"bogo-ops" => item.bogo_ops = whole(value),
            b"bogo-ops-per-second-usr-sys-time" => item.ops_per_cpu_s = number,
            b"bogo-ops-per-second-real-time" => item.ops_per_real_s = number,
            b"wall-clock-time" => item.real_s = number,
            b"user-time" => item.usr_s = number,
            b"system-time" => item.sys_s = number,
            _ => {}
        }
    }
    keep(item, &mut run, &mut warnings);
    let mut runs = Vec::new();
    run.close(last, &mut runs, &mut warnings);
    Ok(document(Tool::StressNg, "yaml", runs, warnings))
}

fn keep(item: Option<Item>, run: &mut Open, warnings: &mut Warnings) {
    let Some(item) = item else { return };
    match item.stressor() {
        Some(stressor) => run.stressors.push(stressor),
        None => warnings.push(
            WarningKind::Malformed,
            item.line,
            format!("stressor {} lacks metrics", item.name),
        ),
    }
}
