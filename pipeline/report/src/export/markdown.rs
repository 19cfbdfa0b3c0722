//! Markdown: a table of GitHub's dialect below its caption.

use crate::view::{Style, Table};

pub(super) fn bytes(table: &Table) -> Result<Vec<u8>, String> {
    let line = |texts: Vec<String>| format!("| {} |\n", texts.join(" | "));
    let heading = table.columns.iter().map(|column| escaped(&column.title));
    let rule = table.columns.iter().map(|column| match column.style {
        Style::Number => "---:".to_owned(),
        Style::Text | Style::Code => "---".to_owned(),
    });
    let body = table
        .rows
        .iter()
        .map(|row| line(row.iter().map(|text| escaped(text)).collect()));
    let markdown = format!(
        "**{}.** {}\n\n{}{}{}",
        escaped(&table.caption.number),
        escaped(&table.caption.text),
        line(heading.collect()),
        line(rule.collect()),
        body.collect::<String>()
    );
    Ok(markdown.into_bytes())
}

/// Text without markup, on one line.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            // Of links that are made without brackets, and of mentions.
            '@' => escaped.push_str("&#64;"),
            ':' => escaped.push_str("&#58;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '#' | '|' | '~' | '$' | '!' => {
                escaped.extend(['\\', c]);
            }
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    #[test]
    fn markup_is_text() {
        let markdown = super::bytes(&super::super::hostile()).expect("made");
        let markdown = String::from_utf8(markdown).expect("UTF-8");
        for part in [
            "| Arm | Estimate (ms) | Interval | Level | Log |\n| --- | ---: | ---: | ---: | --- |\n",
            "| &lt;script&gt;\\[a\\](b) \\`c\\` 한글 | – | too few (n = 3) | – | &#64;SUM(1) |\n",
            "c\\|d.log",
        ] {
            assert!(markdown.contains(part), "{part}: {markdown}");
        }
        assert!(
            markdown
                .lines()
                .skip(2)
                .all(|line| line.starts_with("| ") && line.ends_with(" |"))
        );
    }
}
