//! Claims in reports, and comparisons, of synthetic analyses.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod synthetic;

use std::path::Path;

use synthetic::HOSTILE;
use vnicbench_analysis::compare::{compare, pool};
use vnicbench_analysis::{Analysis, claims};
use vnicbench_model::{Claims, Testbed};
use vnicbench_report::{
    Compared, Figure, Language, claims_text, render, render_comparison, render_pool,
};

const CLAIMS: &str = r#"
format = 1

[[claim]]
id = "delay"
source = "Somebody 2024"
text = "A VF is faster."
basis = "expected"
experiment = "latency"
arms = { numerator = { backend = "sriov", instance = "vm" }, denominator = { backend = "virtio" } }
estimand = "ratio"
metric = "rtt-median"
direction = "lower"

[[claim]]
id = "none"
source = "Nobody"
text = "There is no such cell."
experiment = "latency"
arms = { numerator = { backend = "macvtap" }, denominator = { backend = "virtio" } }
estimand = "difference"
metric = "rtt-median"
direction = "at-most"
value = 100
"#;

fn with_claims(mut analysis: Analysis) -> Analysis {
    let mut file = Claims::parse(CLAIMS, Path::new("a.claims.toml")).unwrap();
    file.claims[1].text = HOSTILE.to_owned();
    analysis.claims = claims::judge(&analysis, &file.claims).unwrap();
    analysis
}

#[test]
fn claims_have_a_section_and_a_line_on_the_first_page() {
    let emulated = with_claims(synthetic::large());
    for language in Language::ALL {
        render(&emulated, language).unwrap();
    }
    let html = render(&emulated, Language::English).unwrap().html;
    for part in [
        "2 claims: 2 not testable here.",
        "id=\"claims-table\"",
        "id=\"claims-information\"",
        "Somebody 2024; expected",
        "the campaign has no such cell",
        "Difference at most 100 ms (Median RTT)",
        "&lt;script&gt;alert(1)",
    ] {
        assert!(html.contains(part), "{part}");
    }
    assert!(
        !html.contains("id=\"claims-cells\""),
        "an emulated test bed tests nothing"
    );
    let mut attached = synthetic::large();
    attached.campaign.testbed = Testbed::Attached;
    let html = render(&with_claims(attached), Language::English)
        .unwrap()
        .html;
    assert!(html.contains("id=\"claims-cells\"") && !html.contains("claims-information"));
    let without = render(&synthetic::large(), Language::English).unwrap().html;
    assert!(!without.contains("id=\"claims\""));
    let plain = claims_text(&emulated.claims, Language::English).unwrap();
    assert!(
        plain.contains("\\u{1b}") && !plain.contains('\u{1b}'),
        "{plain}"
    );
}

fn compared(first: &Analysis, second: &Analysis) -> Compared {
    render_comparison(&compare(first, second, 0.05).unwrap(), Language::English).unwrap()
}

#[test]
fn comparisons_are_the_same_bytes_and_name_what_differs() {
    let (first, mut second) = (synthetic::large(), synthetic::large());
    second.campaign.audit.kernel = "6.18".into();
    second.campaign.testbed = Testbed::Attached;
    let one = compared(&first, &second);
    assert!(one == compared(&first, &second));
    for text in [&one.plain, &one.report.html] {
        for part in [
            "host.kernel",
            "6.18",
            "Emulated test bed: shows",
            "One ran on an emulated test bed and one on hardware",
            "of the second campaign with the first",
        ] {
            assert!(text.contains(part), "{part}");
        }
    }
    // A figure for each metric with a ratio, and each is on the page.
    let figures = &one.report.figures;
    assert!(!figures.is_empty());
    for figure in figures {
        let of = format!("id=\"figure-{}\"", figure.id);
        assert!(one.report.html.contains(&of), "{of}");
    }
    let same = compared(&second, &second);
    assert!(!same.plain.contains("Emulated test bed"));
    assert!(same.plain.contains("Nothing that is recorded"));
}

#[test]
fn a_figure_has_as_many_cells_as_a_page_has_room_for() {
    let payloads: Vec<String> = (1..=10).map(|n| format!("\"{} B\"", 100 * n)).collect();
    let wide = synthetic::LARGE.replace("\"56 B\", \"1400 B\"", &payloads.join(", "));
    let wide = synthetic::of(synthetic::matrix(&wide));
    let report = compared(&wide, &wide).report;
    let cells = |figure: &Figure| figure.svg.matches("class=\"mark\"").count();
    let fullest = report.figures.iter().max_by_key(|figure| cells(figure));
    let shown = cells(fullest.unwrap());
    // A line is the experiment's.
    assert!((38..42).contains(&shown), "{shown}");
    let caption = format!(": {shown} cells of ");
    assert!(report.html.contains(&caption), "{caption}");
}

#[test]
fn nothing_and_hostile_text_compare_too() {
    let (empty, mut hostile) = (synthetic::empty(), synthetic::broken());
    hostile.campaign.name = HOSTILE.into();
    hostile.campaign.audit.kernel = HOSTILE.into();
    let nothing = compared(&empty, &empty);
    assert!(
        nothing.plain.contains("Nothing was compared"),
        "{}",
        nothing.plain
    );
    let all = compared(&synthetic::large(), &hostile);
    assert_eq!(
        all.report.html.matches("<script").count(),
        1,
        "the page's own"
    );
    assert!(!all.markdown.contains("<script") || all.markdown.contains("\\<script"));
    assert!(!all.plain.contains('\u{1b}') && !all.markdown.contains('\u{202e}'));
    assert!(all.plain.contains("insufficient data (n = 3"));
    let analyses = [synthetic::large(), hostile];
    let pool = pool::pool(&analyses).unwrap();
    let pooled = render_pool(&pool, Testbed::Emulated, Language::English).unwrap();
    assert!(pooled.plain.contains("Too few hosts"));
    let figures = &pooled.report.figures;
    assert!(!figures.is_empty());
    for figure in figures {
        let caption = format!("id=\"{}-caption\"", figure.id);
        assert!(pooled.report.html.contains(&caption), "{caption}");
        assert!(figure.svg.contains("all hosts"), "{}", figure.id);
    }
    assert_eq!(
        pooled.report.html.matches("<script").count(),
        1,
        "the page's own"
    );
}
