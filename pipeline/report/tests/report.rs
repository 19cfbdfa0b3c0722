//! Whole reports of synthetic analyses.

mod synthetic;

use std::process::Command;

use vnicbench_report::{Language, Report, render};

const EMULATED: &str =
    "Emulated test bed: shows that everything works; its times say nothing of hardware.";

fn report(analysis: &vnicbench_analysis::Analysis) -> Report {
    render(analysis, Language::English).expect("a report")
}

/// Text of each page; none, and a line that says so, where pdftotext isn't installed.
fn pages(pdf: &[u8]) -> Option<Vec<String>> {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("report.pdf");
    std::fs::write(&path, pdf).expect("written");
    let Ok(output) = Command::new("pdftotext")
        .args(["-layout", "-enc", "UTF-8"])
        .arg(&path)
        .arg("-")
        .output()
    else {
        assert!(
            std::env::var_os("VNICBENCH_SKIP").is_none(),
            "pdftotext is missing"
        );
        eprintln!(
            "SKIPPED: pdftotext is not installed (Debian: poppler-utils); the PDF's pages are not checked"
        );
        return None;
    };
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout)
        .expect("UTF-8")
        .replace('\u{200b}', "");
    Some(text.split_terminator('\u{c}').map(str::to_owned).collect())
}

/// Without spaces and line ends, wherever the lines broke.
fn squeezed(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && *c != '\u{200b}')
        .collect()
}

#[test]
fn same_analysis_same_bytes() {
    let analysis = synthetic::large();
    let first = report(&analysis);
    let second =
        std::thread::scope(|scope| scope.spawn(|| report(&analysis)).join().expect("no panic"));
    assert!(first == second);
}

/// Another process, directory, time zone and language are no reason to differ.
#[test]
fn other_surroundings_same_bytes() {
    let report = report(&synthetic::large());
    let directory = tempfile::tempdir().expect("a directory");
    let status = Command::new(std::env::current_exe().expect("this test"))
        .args(["samples", "--exact"])
        .env("REPORT_SAMPLES", directory.path())
        .env("TZ", "Asia/Seoul")
        .env("LANG", "de_DE.UTF-8")
        .env("LC_ALL", "de_DE.UTF-8")
        .env("SOURCE_DATE_EPOCH", "1")
        .current_dir(directory.path())
        .output()
        .expect("run")
        .status;
    assert!(status.success());
    let other = directory.path().join("large");
    assert!(std::fs::read(other.join("report.html")).expect("read") == report.html.as_bytes());
    assert!(std::fs::read(other.join("report.pdf")).expect("read") == report.pdf);
}

#[test]
fn every_page_says_emulated() {
    let report = report(&synthetic::large());
    assert!(report.html.contains(EMULATED));
    if let Some(pages) = pages(&report.pdf) {
        assert!(pages.len() > 3);
        for (index, page) in pages.iter().enumerate() {
            assert!(
                squeezed(page).contains(&squeezed(EMULATED)),
                "page {}: {page}",
                index + 1
            );
        }
    }
}

/// Answers, forest plot and cautions fit the page; what follows begins the next.
#[test]
fn the_first_page_is_one_page() {
    for analysis in [synthetic::questions(), synthetic::large()] {
        let report = report(&analysis);
        let Some(pages) = pages(&report.pdf) else {
            return;
        };
        let (first, second) = (squeezed(&pages[0]), squeezed(&pages[1]));
        assert!(first.contains("Ataglance") && first.contains("thelossisbesideit."));
        assert!(second.contains("Howlongdoesapackettakethereandback?"));
    }
}

#[test]
fn what_survives_is_told() {
    let report = report(&synthetic::large());
    assert!(report.answers.iter().any(|a| a.contains(", jointly too")));
    assert!(report.html.contains("Verdict jointly"));
}

/// Each way is drawn once, also where a back-end is only part of a mix, and told in words.
#[test]
fn every_back_end_has_its_way() {
    let report = report(&synthetic::many());
    for arm in ["virtio-vm", "vhost-vm", "macvtap-vm", "sriov-vm"] {
        let id = format!("path-{arm}");
        let ways: Vec<_> = report.figures.iter().filter(|f| f.id == id).collect();
        let [way] = ways.as_slice() else {
            panic!("{arm}: {}", ways.len())
        };
        assert!(way.alt.starts_with("A packet goes from "), "{}", way.alt);
        assert!(way.alt.contains("NIC port"), "{}", way.alt);
    }
    let vhost = report.figures.iter().find(|f| f.id == "path-vhost-vm");
    let vhost = vhost.expect("drawn");
    assert!(vhost.alt.contains("VM exits, 1000/s") && vhost.alt.contains("at KVM"));
}

#[test]
fn several_panels_are_seen_together() {
    let report = report(&synthetic::many());
    let ids: Vec<&str> = report.figures.iter().map(|f| f.id.as_str()).collect();
    for id in [
        "interference-rtt-median-neighbours-1-1",
        "density-host-cpu-against-instances",
        "density-host-cpu-tunings",
        "several-goodput-mixes-1",
        "fairness-fairness-against-instances",
        "drift-rtt",
    ] {
        assert!(ids.contains(&id), "{id} in {ids:?}");
    }
}

#[test]
fn versions_are_compared_and_their_sources_told() {
    let report = report(&synthetic::versions());
    let ids: Vec<&str> = report.figures.iter().map(|f| f.id.as_str()).collect();
    assert!(ids.contains(&"latency-rtt-median-kernels"), "{ids:?}");
    for text in [
        "median RTT in a VM, guest kernel 6.1, QEMU 10.0, is ",
        " of that with guest kernel 6.12 ",
        "veth (container) to virtio (VM), guest kernel 6.12, QEMU 10.0",
        "Built from another nixpkgs than that of the lock:",
        "21a67dc470149f337cecafbe965d8d252a390518",
        "guest kernel 6.1, QEMU 7.2",
        "isn&#x27;t the one of the lock, and the flake is of no commit",
        "00000000000000000000000000000000-linux-6.1.170",
    ] {
        assert!(report.html.contains(text), "{text}");
    }
    let without = self::report(&synthetic::large());
    for text in ["nixpkgs", "guest kernel"] {
        assert!(!without.html.contains(text), "{text}");
    }
}

#[test]
fn attached_has_no_banner() {
    let report = report(&synthetic::empty());
    assert!(!report.html.contains(EMULATED));
    for page in pages(&report.pdf).into_iter().flatten() {
        assert!(!page.contains("Emulated test bed"));
    }
}

#[test]
fn hostile_text_stays_text() {
    let report = report(&synthetic::broken());
    assert_eq!(report.html.matches("<script").count(), 1, "the page's own");
    assert!(
        report
            .html
            .contains("&lt;script&gt;alert(1)&lt;/script&gt; {{ 7*7 }} {% x %}"),
        "escaped, not run"
    );
    assert!(!report.html.contains('\u{1b}') && !report.html.contains('\u{202e}'));
    assert!(report.html.contains("한글"));
    assert!(report.html.len() < 5_000_000);
    if let Some(pages) = pages(&report.pdf) {
        let text = squeezed(&pages.concat());
        assert!(
            text.contains(&squeezed(
                "<script>alert(1)</script> {{ 7*7 }} {% x %} #panic() $x$ *b* _i_"
            )),
            "{text}"
        );
        assert!(text.contains("한글"), "Hangul has a font");
    }
}

#[test]
fn too_little_data_is_no_number() {
    let analysis = synthetic::broken();
    let report = report(&analysis);
    assert!(report.html.contains("insufficient data (n = 3, needs 6)"));
    assert!(
        report
            .html
            .contains("be compared with virtio&#x27;s: insufficient data (n = 3, needs 6).")
    );
    let panel = &analysis.panels[0];
    let table = report
        .html
        .split(&format!("<table id=\"{}-table\">", panel.id))
        .nth(1)
        .expect("its table");
    let row = table
        .split("<tr")
        .find(|row| row.contains("vhost-net (VM)"))
        .expect("its row");
    let row = row.split("</tr>").next().expect("an end");
    assert!(
        row.contains(">–<") && row.contains("insufficient data (n = 3, needs 6)"),
        "{row}"
    );
    assert!(!row.contains('['), "no interval: {row}");
    if let Some(pages) = pages(&report.pdf) {
        assert!(squeezed(&pages.concat()).contains("insufficientdata(n=3,needs6)"));
    }
}

#[test]
fn failed_trials_appear() {
    let report = report(&synthetic::broken());
    let reason = "ping in generator ended with status 2: connect: Network is unreachable";
    assert!(report.html.contains(reason));
    assert!(report.html.contains("36 failed"));
    assert!(report.html.contains("… (+97.3 KiB)"));
    assert!(report.html.contains("Kernel panic"));
    if let Some(pages) = pages(&report.pdf) {
        let text = squeezed(&pages.concat());
        assert!(text.contains("36failed"));
    }
}

#[test]
fn every_figure_is_described_and_captioned() {
    let report = report(&synthetic::large());
    assert!(report.figures.len() > 8);
    for figure in &report.figures {
        assert!(!figure.alt.is_empty() && !figure.title.is_empty());
        assert!(
            figure.svg.contains("role=\"img\"")
                && figure.svg.contains("<title")
                && figure.svg.contains("<desc")
        );
        let close = figure.svg.replace("/>\n", "\n/>").replace(">\n<", "\n><");
        assert!(report.html.contains(&close), "{}", figure.id);
        assert!(
            report
                .html
                .contains(&format!("<figcaption id=\"{}-caption\"", figure.id))
        );
        assert!(!figure.svg.contains("NaN") && !figure.svg.contains("inf"));
    }
    // Captions give n, level and method.
    let caption = report
        .html
        .split("<figcaption")
        .nth(1)
        .and_then(|rest| rest.split("</figcaption>").next());
    let caption = caption.expect("a caption");
    for part in ["n = 8", "95\u{a0}%", "Wilcoxon signed-rank"] {
        assert!(caption.contains(part), "{caption}");
    }
}

#[test]
fn ids_are_unique_and_links_lead_somewhere() {
    let html = report(&synthetic::broken()).html;
    let mut ids: Vec<_> = html
        .split(" id=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    let count = ids.len();
    ids.sort_unstable();
    let repeated: Vec<_> = ids.windows(2).filter(|pair| pair[0] == pair[1]).collect();
    assert!(repeated.is_empty(), "{repeated:?}");
    assert!(count > 20);
    for target in html
        .split("href=\"#")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
    {
        assert!(ids.binary_search(&target).is_ok(), "{target}");
    }
}

#[test]
fn nothing_is_fetched() {
    let html = report(&synthetic::large()).html;
    for loaded in ["src=", "url(", "@import", "<link", "fetch(", "XMLHttp"] {
        assert!(!html.contains(loaded), "{loaded}");
    }
}

#[test]
fn a_campaign_without_values_has_a_report() {
    let report = report(&synthetic::empty());
    assert!(report.html.contains("Nothing was compared"));
    assert!(report.html.contains("200 never begun"));
}

#[test]
fn headlines_have_ratio_interval_level_and_n() {
    let mut analysis = synthetic::large();
    let panel = &mut analysis.panels[0];
    let comparison = panel
        .comparisons
        .iter_mut()
        .find(|c| c.arm.to_string() == "sriov-vm")
        .expect("it is compared");
    comparison.ratio = synthetic::ratio(0.612_3, 0.572, 0.661);
    let report = report(&analysis);
    let answer = "  The VF's median RTT in a VM is 0.612 of virtio's [0.572, 0.661] (95 %, 8 blocks): better, jointly too.";
    assert_eq!(
        report.answers.first().map(String::as_str),
        Some("ping 56 B every 20 ms:")
    );
    assert!(
        report.answers.iter().any(|a| a == answer),
        "{:?}",
        report.answers
    );
    let html = report.html;
    assert!(
        html.contains("The VF&#x27;s median RTT in a VM is 0.612 of virtio&#x27;s [0.572, 0.661] (95\u{a0}%, 8 blocks): better, jointly too."),
        "{}",
        html.split("class=\"answers\"").nth(1).map_or("", |rest| &rest[..600])
    );
}

#[test]
fn each_question_has_its_answers() {
    let report = report(&synthetic::many());
    let answers = report.answers.join("\n");
    for part in [
        "Jain's index of virtio (VM), 3 VMs is ",
        "Each further instance of VF (VM) adds 0.210 [0.190, 0.250] CPUs (95 %, 8 blocks).",
        "The goodput of virtio + VF in one VM is ",
        "of that of virtio (VM), 2 NICs ",
        "of that of VF (VM) alone ",
        "tuned: pinned, is ",
        "virtio VMs and VF VMs, 3 VMs is ",
        "more are with their experiment.",
    ] {
        assert!(answers.contains(part), "{part}: {answers}");
    }
    let html = report.html.replace("&#x27;", "'");
    for part in [
        "6 blocks, each a pass over all",
        "ended after 6 blocks of at most 8",
        "kernel was 6.12.48, is 6.12.57",
        "Where the time went",
        "0.42 ms apart",
        "what each additional VM adds",
        "the shares that the index is of",
    ] {
        assert!(html.contains(part), "{part}");
    }
}

/// A figure that is higher than a page would be cut off, or shrunk past reading.
#[test]
fn figures_fit_a_page() {
    for figure in report(&synthetic::many()).figures {
        let height = figure.svg.split("height=\"").nth(1).expect("a height");
        let height: f64 = height
            .split('"')
            .next()
            .expect("an end")
            .parse()
            .expect("a number");
        assert!(height <= 1000.0, "{}: {height}", figure.id);
    }
}

#[test]
fn writes_whole_files() {
    let report = report(&synthetic::empty());
    let directory = tempfile::tempdir().expect("a directory");
    let target = directory.path().join("a/b");
    report.write(&target).expect("written");
    report.write(&target).expect("written over");
    let mut names: Vec<_> = std::fs::read_dir(&target)
        .expect("read")
        .map(|e| e.expect("entry").file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["report.html", "report.pdf"]);
    assert_eq!(
        std::fs::read(target.join("report.pdf")).expect("read"),
        report.pdf
    );
    let blocked = directory.path().join("a/b/report.html/c");
    let error = report
        .write(&blocked)
        .expect_err("a file is in the way")
        .to_string();
    assert!(
        error.contains("cannot write") && error.contains("writable"),
        "{error}"
    );
}

/// Keeps the reports, to be looked at: `REPORT_SAMPLES=DIR cargo test`.
#[test]
fn samples() {
    let Some(directory) = std::env::var_os("REPORT_SAMPLES") else {
        return;
    };
    let samples = [
        ("large", synthetic::large()),
        ("broken", synthetic::broken()),
        ("empty", synthetic::empty()),
        ("many", synthetic::many()),
        ("wide", synthetic::wide()),
        ("questions", synthetic::questions()),
        ("versions", synthetic::versions()),
    ];
    for (name, analysis) in samples {
        let begin = std::time::Instant::now();
        let report = report(&analysis);
        eprintln!("{name}: {:?}", begin.elapsed());
        report
            .write(&std::path::Path::new(&directory).join(name))
            .expect("written");
    }
}
