//! JSON as iperf3's cJSON prints it: tabs, the opening bracket of a list's objects beside it.

use std::fmt::Write;

/// A value; the names of an object stay in their order.
pub(crate) enum Json {
    Number(f64),
    Count(u64),
    Text(String),
    Flag(bool),
    List(Vec<Json>),
    Object(Vec<(&'static str, Json)>),
}

impl Json {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// As a document.
    pub(crate) fn print(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, 0);
        out.push('\n');
        out
    }

    fn write(&self, out: &mut String, depth: usize) {
        // Writing to a string can't fail.
        match self {
            Self::Number(number) => {
                let _ = write!(out, "{number}");
            }
            Self::Count(count) => {
                let _ = write!(out, "{count}");
            }
            Self::Text(text) => {
                let _ = write!(out, "{}", serde_json::Value::from(text.as_str()));
            }
            Self::Flag(flag) => {
                let _ = write!(out, "{flag}");
            }
            Self::List(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push_str(", ");
                    }
                    item.write(out, depth + 1);
                }
                out.push(']');
            }
            Self::Object(fields) => {
                out.push_str("{\n");
                for (index, (name, value)) in fields.iter().enumerate() {
                    out.extend(std::iter::repeat_n('\t', depth + 1));
                    let _ = write!(out, "\"{name}\":\t");
                    value.write(out, depth + 1);
                    out.push_str(if index + 1 < fields.len() {
                        ",\n"
                    } else {
                        "\n"
                    });
                }
                out.extend(std::iter::repeat_n('\t', depth));
                out.push('}');
            }
        }
    }
}
