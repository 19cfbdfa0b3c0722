//! Reports in Korean: no English but for names and what the campaign itself says, and Hangul
//! that is set in the PDF and can be copied from it.

mod synthetic;

use std::process::Command;

use serde_json::Value;
use vnicbench_analysis::Analysis;
use vnicbench_report::{Language, Report, render};

fn korean(analysis: &Analysis) -> Report {
    render(analysis, Language::Korean).expect("a report")
}

/// All texts in JSON.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(fields) => fields.values().for_each(|field| texts(field, found)),
        _ => {}
    }
}

/// What is said in words of the campaign's own, and what books are called.
fn foreign(analysis: &Analysis, report: &Report) -> Vec<String> {
    let json = serde_json::to_value(analysis).expect("JSON");
    let mut found = Vec::new();
    for part in [
        "campaign",
        "stopped",
        "accepted",
        "failures",
        "log_warnings",
        "guests",
        "claims",
    ] {
        texts(&json[part], &mut found);
    }
    let methods = report.tables.iter().filter(|t| t.id == "methods-table");
    found.extend(methods.flat_map(|table| table.rows.iter().filter_map(|row| row.last().cloned())));
    found.retain(|text| text.contains(' '));
    found.sort_by_key(|text| std::cmp::Reverse(text.len()));
    found
}

/// Text of a page: no markup, style or script.
fn text(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('<') {
        text.push_str(before);
        text.push(' ');
        let skipped = ["style", "script", "code"];
        let skipped = skipped.into_iter().find(|tag| after.starts_with(tag));
        let end = skipped.map_or(">".to_owned(), |tag| format!("</{tag}>"));
        // What readers without sight are told is in attributes of no kind but titles and
        // descriptions, which are elements.
        rest = after.split_once(&end).map_or("", |(_, rest)| rest);
    }
    text.push_str(rest);
    for (entity, sign) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&amp;", "&"),
    ] {
        text = text.replace(entity, sign);
    }
    text
}

#[test]
fn no_english_is_left() {
    // Words that no English sentence is without, and that no name here has.
    const ENGLISH: [&str; 24] = [
        "the", "of", "is", "are", "and", "to", "with", "by", "not", "each", "its", "every", "all",
        "beside", "under", "from", "that", "trial", "trials", "block", "blocks", "median",
        "better", "worse",
    ];
    for analysis in [
        synthetic::large(),
        synthetic::questions(),
        synthetic::wide(),
        synthetic::versions(),
        synthetic::broken(),
        synthetic::empty(),
    ] {
        let report = korean(&analysis);
        let mut text = text(&report.html);
        for own in foreign(&analysis, &report) {
            text = text.replace(&own, " ");
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        for (at, word) in words.iter().enumerate() {
            let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
            let around = &words[at.saturating_sub(8)..(at + 8).min(words.len())];
            assert!(!ENGLISH.contains(&bare), "{bare}: {}", around.join(" "));
        }
    }
}

#[test]
fn the_pdf_has_hangul_as_text() {
    let report = korean(&synthetic::large());
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("report.pdf");
    std::fs::write(&path, &report.pdf).expect("written");
    let run = |program: &str, to: Option<&str>| {
        let output = Command::new(program).arg(&path).args(to).output();
        output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (Ok(text), Ok(fonts)) = (run("pdftotext", Some("-")), run("pdffonts", None)) else {
        assert!(
            std::env::var_os("VNICBENCH_SKIP").is_none(),
            "pdftotext is missing"
        );
        eprintln!("SKIPPED: without pdftotext (Debian: poppler-utils) the PDF's text is not read");
        return;
    };
    for wanted in [
        "가상 NIC 백엔드 비교",
        "한눈에 보기",
        "RTT 중앙값",
        "지연 시간",
    ] {
        assert!(text.contains(wanted), "{wanted}");
    }
    assert!(!text.contains("\\u{"), "a character that no font has");
    assert!(fonts.contains("NotoSansCJKkr"), "{fonts}");
}

#[test]
fn hangul_in_english_reports_is_set_too() {
    let mut analysis = synthetic::large();
    analysis.campaign.matrix.description = "한글 설명 ✓ 漢".into();
    let report = render(&analysis, Language::English).expect("a report");
    let plain = render(&synthetic::large(), Language::English).expect("a report");
    let has_font = |report: &Report| report.pdf.windows(13).any(|w| w == b"NotoSansCJKkr");
    assert!(has_font(&report) && !has_font(&plain));
    assert!(report.html.contains("한글 설명"));
}

#[test]
fn figures_are_exported_with_hangul() {
    let report = korean(&synthetic::large());
    let directory = tempfile::tempdir().expect("a directory");
    let formats: Vec<_> = ["png", "csv", "md"]
        .into_iter()
        .filter_map(vnicbench_report::Format::named)
        .collect();
    report.export(directory.path(), &formats).expect("exported");
    let csv =
        std::fs::read_to_string(directory.path().join("tables/success.csv")).expect("a table");
    assert!(
        csv.starts_with("셀,계획,완료,실패,중단,미시작,성공률 (%)"),
        "{csv:.80}"
    );
}
