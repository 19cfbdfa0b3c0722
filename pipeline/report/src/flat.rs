//! A view as text: for a terminal, or as Markdown, which is the same with marks.

use crate::view::{Block, Table, View};

/// For whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// A terminal.
    Plain,
    /// A pull request.
    Markdown,
}

/// The view as text. Figures are left out: what they show is in their tables.
pub(crate) fn render(view: &View, form: Form) -> String {
    let mut blocks = vec![form.heading(1, &view.title), form.words(&view.byline)];
    blocks.extend(view.banner.iter().map(|banner| form.strong(banner)));
    for section in &view.sections {
        blocks.push(form.heading(2, &section.title));
        blocks.extend(section.blocks.iter().filter_map(|block| form.block(block)));
    }
    let mut text = blocks.join("\n\n");
    text.push('\n');
    text
}

impl Form {
    fn block(self, block: &Block) -> Option<String> {
        let list = |items: &[String]| {
            let items = items.iter().map(|item| format!("- {}", self.words(item)));
            items.collect::<Vec<_>>().join("\n")
        };
        Some(match block {
            Block::Heading { text, .. } => self.heading(3, text),
            Block::Text { text } | Block::Note { text } => self.words(text),
            Block::Answers { about, items } => format!("{}:\n\n{}", self.words(about), list(items)),
            Block::List { items } => list(items),
            Block::Facts { items } => {
                let facts = items
                    .iter()
                    .map(|fact| format!("{}: {}", fact.name, fact.value));
                list(&facts.collect::<Vec<_>>())
            }
            Block::Table(table) => self.table(table),
            Block::Figure { .. } | Block::Sources { .. } => return None,
        })
    }

    fn heading(self, depth: usize, text: &str) -> String {
        match self {
            Self::Plain => text.to_uppercase(),
            Self::Markdown => format!("{} {}", "#".repeat(depth), self.words(text)),
        }
    }

    fn strong(self, text: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Markdown => format!("**{}**", self.words(text)),
        }
    }

    /// Text in which nothing is markup.
    fn words(self, text: &str) -> String {
        if self == Self::Plain {
            return text.to_owned();
        }
        let mut words = String::with_capacity(text.len());
        for c in text.chars() {
            // A line that begins with "1." or "-" is text too: no text here begins a line but
            // after other marks, and "@" would call somebody.
            if matches!(
                c,
                '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '#' | '&' | '!' | '$'
            ) {
                words.push('\\');
            }
            words.push(c);
            if c == '@' {
                words.push('\u{200b}');
            }
        }
        words
    }

    fn table(self, table: &Table) -> String {
        let heads: Vec<String> = table
            .columns
            .iter()
            .map(|column| self.words(&column.title))
            .collect();
        let rows: Vec<Vec<String>> = table
            .rows
            .iter()
            .map(|row| row.iter().map(|text| self.words(text)).collect())
            .collect();
        let widths: Vec<usize> = (0..heads.len())
            .map(|at| {
                let texts = rows.iter().chain([&heads]).filter_map(|row| row.get(at));
                texts.map(|text| width(text)).max().unwrap_or(0).max(3)
            })
            .collect();
        let line = |row: &[String]| {
            let texts = row
                .iter()
                .zip(&widths)
                .map(|(text, &to)| format!("{text}{}", " ".repeat(to.saturating_sub(width(text)))));
            let texts: Vec<String> = texts.collect();
            match self {
                Self::Plain => texts.join("  ").trim_end().to_owned(),
                Self::Markdown => format!("| {} |", texts.join(" | ")),
            }
        };
        let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
        let mut lines = vec![line(&heads), line(&rule)];
        lines.extend(rows.iter().map(|row| line(row)));
        let caption = format!("{}. {}", table.caption.number, table.caption.text);
        format!("{}\n\n{}", self.words(&caption), lines.join("\n"))
    }
}

/// Columns of a terminal that a text takes: two for each character of Hangul.
fn width(text: &str) -> usize {
    let wide = |c: char| matches!(c, '\u{3001}'..='\u{301f}' | 'ㄱ'..='ㆎ' | '가'..='힣');
    text.chars().map(|c| 1 + usize::from(wide(c))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::{Caption, Column, Style};

    fn table() -> Table {
        let column = |title: &str| Column {
            title: title.to_owned(),
            style: Style::Text,
            width: 1,
        };
        Table {
            id: "t".to_owned(),
            caption: Caption {
                number: "Table 1".to_owned(),
                text: "All.".to_owned(),
            },
            columns: vec![column("Name"), column("n")],
            marks: Vec::new(),
            rows: vec![vec!["a|b <i> *c*".to_owned(), "10".to_owned()]],
        }
    }

    #[test]
    fn tables_line_up_and_markup_is_text() {
        assert_eq!(
            Form::Plain.table(&table()),
            "Table 1. All.\n\nName         n\n-----------  ---\na|b <i> *c*  10"
        );
        assert_eq!(
            Form::Markdown.table(&table()),
            "Table 1. All.\n\n\
             | Name             | n   |\n\
             | ---------------- | --- |\n\
             | a\\|b \\<i\\> \\*c\\* | 10  |"
        );
        assert_eq!(Form::Markdown.words("@all #1"), "@\u{200b}all \\#1");
        let mut korean = table();
        korean.columns[0].title = "이름".to_owned();
        assert!(Form::Plain.table(&korean).contains("이름         n\n"));
    }
}
