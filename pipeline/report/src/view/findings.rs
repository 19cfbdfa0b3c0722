//! Figures of an experiment over several of its panels: workloads beside each other, against a
//! factor, neighbours as a matrix, tunings and mixes.

use vnicbench_analysis::{Analysis, Comparison, Contrast, Metric, Panel, Row, THRESHOLD};
use vnicbench_model::{Arm, Cell, Direction, Protocol, Setting, Workload};
use vnicbench_stats::Outcome;

use super::panels::{provenance, titled};
use super::{Block, Desk, heading};
use crate::figure::groups::{self, Kind};
use crate::figure::{FigureError, heat, lines};
use crate::number::{self, Scale};
use crate::words::{Words, say};
use crate::{terms, text};

/// The most figures that workloads are beside each other in.
const MOST_SHEETS: usize = 3;

/// All such figures of an experiment.
pub(super) fn blocks(
    analysis: &Analysis,
    experiment: &str,
    desk: &mut Desk,
) -> Result<Vec<Block>, FigureError> {
    let panels: Vec<&Panel> = analysis
        .panels
        .iter()
        .filter(|panel| panel.experiment == experiment)
        .collect();
    let mut metrics: Vec<Metric> = Vec::new();
    for panel in &panels {
        if !metrics.contains(&panel.metric) {
            metrics.push(panel.metric);
        }
    }
    let mut blocks = Vec::new();
    for metric in metrics {
        let alike: Vec<&Panel> = panels
            .iter()
            .copied()
            .filter(|p| p.metric == metric)
            .collect();
        blocks.extend(neighbours(&alike, desk)?);
        blocks.extend(workloads(&alike, desk)?);
        for factor in Factor::ALL {
            blocks.extend(against(&alike, factor, desk)?);
        }
        blocks.extend(mixes(&alike, desk)?);
        blocks.extend(tunings(&alike, desk)?);
        blocks.extend(super::versions::figures(&alike, desk)?);
    }
    if !blocks.is_empty() {
        let id = text::anchor(&format!("{experiment}-overview"));
        blocks.insert(0, heading(&id, say!(desk.words, "overview")));
    }
    Ok(blocks)
}

/// One scale for several panels of a metric.
fn scale(panels: &[&Panel]) -> Scale {
    let values = panels
        .iter()
        .flat_map(|panel| &panel.rows)
        .filter_map(|row| row.estimate.estimate())
        .map(|estimate| estimate.value());
    match panels.first() {
        Some(panel) => Scale::of(panel.metric, values),
        None => Scale::PLAIN,
    }
}

/// What the figures of a metric are called.
pub(super) fn id(panels: &[&Panel], what: &str) -> String {
    let first = panels.first();
    let experiment = first.map_or("", |panel| panel.experiment.as_str());
    let metric = first.map_or("", |panel| panel.metric.name());
    text::anchor(&format!("{experiment}-{metric}-{what}"))
}

pub(super) fn label(panels: &[&Panel], words: &Words) -> String {
    panels
        .first()
        .map_or_else(String::new, |panel| terms::metric(words, panel.metric))
}

/// The workloads of an experiment beside each other, in as many figures as pages hold.
fn workloads(panels: &[&Panel], desk: &mut Desk) -> Result<Vec<Block>, FigureError> {
    let compared = [
        Metric::Goodput,
        Metric::Retransmits,
        Metric::UdpLoss,
        Metric::UdpJitter,
        Metric::CpuPerGbit,
    ];
    let has = panels.first().is_some_and(|p| compared.contains(&p.metric));
    if panels.len() < 2 || !has {
        return Ok(Vec::new());
    }
    let words = desk.words;
    let (scale, metric) = (scale(panels), label(panels, words));
    let mut sheets: Vec<Vec<groups::Group<'_>>> = Vec::new();
    let mut lines = groups::MOST_LINES;
    for panel in panels {
        let plain: Vec<&Row> = panel.rows.iter().take(groups::MOST_LINES - 1).collect();
        if lines + plain.len() + 1 > groups::MOST_LINES {
            sheets.push(Vec::new());
            lines = 0;
        }
        lines += plain.len() + 1;
        let rows = plain.into_iter().map(|row| groups::Row {
            arm: row.arm,
            label: terms::arm_in(words, row.arm, &row.setting),
            outcome: &row.estimate,
        });
        let group = groups::Group {
            heading: desk.workload(&panel.workload).to_owned(),
            rows: rows.collect(),
        };
        if let Some(sheet) = sheets.last_mut() {
            sheet.push(group);
        }
    }
    let axis = format!("{metric}{}", scale.suffix(words));
    let several = sheets.len();
    let title = say!(words, "workloads-title", metric = metric);
    // All are with their panels; these are to be seen at a glance.
    sheets.truncate(MOST_SHEETS);
    let mut blocks = Vec::new();
    for (index, sheet) in sheets.iter().enumerate() {
        let title = titled(&title, index, several, words);
        let id = id(panels, &format!("workloads-{}", index + 1));
        let kind = Kind::Values(scale);
        let figure = groups::draw(&id, title.clone(), &axis, kind, sheet, words)?;
        let outcomes = sheet
            .iter()
            .flat_map(|group| group.rows.iter().map(|row| row.outcome));
        let provenance = provenance(outcomes, words);
        let caption = say!(
            words,
            "workloads-caption",
            title = title,
            provenance = provenance
        );
        blocks.push(desk.figure(figure, caption));
    }
    Ok(blocks)
}

/// What a metric is drawn against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Factor {
    Payload,
    Interval,
    Streams,
    Message,
    Rate,
    Instances,
    Nics,
}

impl Factor {
    const ALL: [Self; 7] = [
        Self::Payload,
        Self::Interval,
        Self::Streams,
        Self::Message,
        Self::Rate,
        Self::Instances,
        Self::Nics,
    ];

    /// What messages and anchors know it by.
    fn key(self) -> &'static str {
        match self {
            Self::Payload => "payload",
            Self::Interval => "time-between-requests",
            Self::Streams => "streams",
            Self::Message => "message-size",
            Self::Rate => "offered-rate",
            Self::Instances => "instances",
            Self::Nics => "nics-of-an-instance",
        }
    }

    /// The level of a cell: to sort by, to show. None where the workload has no such factor.
    fn level(self, cell: &Cell) -> Option<(f64, String)> {
        let shown = |value: f64, text: String| Some((value, text));
        match (self, cell.workload) {
            (Self::Payload, Workload::Ping { payload, .. }) => {
                shown(payload.0 as f64, payload.to_string())
            }
            (Self::Interval, Workload::Ping { interval, .. }) => {
                shown(interval.seconds(), interval.to_string())
            }
            (Self::Streams, Workload::Iperf3 { streams, .. } | Workload::Iperf { streams, .. }) => {
                shown(f64::from(streams), streams.to_string())
            }
            (Self::Message, Workload::Iperf3 { message, .. } | Workload::Iperf { message, .. }) => {
                message.and_then(|size| shown(size.0 as f64, size.to_string()))
            }
            (Self::Rate, Workload::Iperf3 { rate, .. }) => {
                rate.and_then(|rate| shown(rate.0 as f64, rate.to_string()))
            }
            (Self::Instances, _) => {
                let n = cell.setting.vms;
                shown(f64::from(n), n.to_string())
            }
            (Self::Nics, _) => {
                let n = cell.setting.nics;
                shown(f64::from(n), n.to_string())
            }
            _ => None,
        }
    }

    /// The workload and the conditions but for this factor.
    fn rest(self, cell: &Cell, words: &Words) -> (String, Setting) {
        let mut setting = cell.setting.clone();
        match self {
            Self::Instances => setting.vms = 1,
            Self::Nics => setting.nics = 1,
            _ => {}
        }
        // All factors but this one, in their order.
        let others = [
            Self::Payload,
            Self::Interval,
            Self::Streams,
            Self::Message,
            Self::Rate,
        ];
        let others = others.into_iter().filter(|other| *other != self);
        let levels = others.filter_map(|other| Some(other.level(cell)?.1));
        let of_stream = |tool, protocol: Option<Protocol>, direction: Direction| {
            let protocol = protocol.map_or_else(String::new, |p| format!(" {p}"));
            say!(
                words,
                "workload-kind",
                tool = format!("{tool}{protocol}"),
                direction = direction.name()
            )
        };
        let kind = match cell.workload {
            Workload::Ping { .. } => "ping".to_owned(),
            Workload::Iperf3 {
                protocol,
                direction,
                ..
            } => of_stream("iperf3", Some(protocol), direction),
            Workload::Iperf { direction, .. } => of_stream("iperf", None, direction),
        };
        let rest = std::iter::once(kind).chain(levels);
        (rest.collect::<Vec<_>>().join(", "), setting)
    }
}

/// A row at a level of a factor: its arm, the level to sort by and to show.
type Point<'a> = (Arm, f64, String, &'a Row);

/// A metric against a factor that has several levels, all else at the first levels that are
/// measured at more than one of it.
fn against(
    panels: &[&Panel],
    factor: Factor,
    desk: &mut Desk,
) -> Result<Option<Block>, FigureError> {
    let words = desk.words;
    let mut found: Vec<((String, Setting), Vec<Point<'_>>)> = Vec::new();
    for (panel, row) in panels
        .iter()
        .flat_map(|p| p.rows.iter().map(move |row| (p, row)))
    {
        let Some(cell) = desk.cell(&panel.experiment, &row.cell) else {
            continue;
        };
        let Some((place, name)) = factor.level(cell) else {
            continue;
        };
        let rest = factor.rest(cell, words);
        let point = (row.arm, place, name, row);
        match found.iter_mut().find(|(known, _)| *known == rest) {
            Some((_, points)) => points.push(point),
            None => found.push((rest, vec![point])),
        }
    }
    let several = |points: &[Point<'_>]| {
        let first = points.first().map(|point| point.1);
        points.iter().any(|point| Some(point.1) != first)
    };
    let groups = found.iter().filter(|(_, points)| several(points)).count();
    let Some(((workload, setting), points)) = found.iter().find(|(_, points)| several(points))
    else {
        return Ok(None);
    };
    let mut names: Vec<(f64, String)> = Vec::new();
    for (_, place, name, _) in points {
        if !names.iter().any(|(known, _)| known == place) {
            names.push((*place, name.clone()));
        }
    }
    names.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (scale, metric) = (scale(panels), label(panels, words));
    let mut series: Vec<lines::Series<'_>> = Vec::new();
    for (arm, place, _, row) in points {
        let Some(level) = names.iter().position(|(known, _)| known == place) else {
            continue;
        };
        let point = (level, &row.estimate);
        match series.iter_mut().find(|line| line.arm == *arm) {
            Some(line) => line.points.push(point),
            None => series.push(lines::Series {
                arm: *arm,
                label: terms::arm_in(words, *arm, setting),
                note: slope(panels, factor, *arm, setting, scale, words),
                points: vec![point],
            }),
        }
    }
    for line in &mut series {
        line.points.sort_by_key(|(level, _)| *level);
    }
    let levels = lines::Levels {
        factor: say!(words, "factor", factor = factor.key()),
        names: names.into_iter().map(|(_, name)| name).collect(),
    };
    let title = say!(
        words,
        "against-title",
        metric = metric,
        factor = factor.key()
    );
    let id = id(panels, &format!("against-{}", factor.key()));
    let figure = lines::draw(&id, title.clone(), &metric, scale, &levels, &series, words)?;
    let outcomes = series
        .iter()
        .flat_map(|line| line.points.iter().map(|(_, outcome)| *outcome));
    let has_slopes = series.iter().any(|line| !line.note.is_empty());
    let caption = say!(
        words,
        "against-caption",
        title = title,
        groups = groups,
        workload = workload,
        slopes = if has_slopes { "yes" } else { "no" },
        provenance = provenance(outcomes, words)
    );
    Ok(Some(desk.figure(figure, caption)))
}

/// What each further instance adds, where that is known.
fn slope(
    panels: &[&Panel],
    factor: Factor,
    arm: Arm,
    setting: &Setting,
    scale: Scale,
    words: &Words,
) -> String {
    let mut slopes = panels.iter().flat_map(|panel| &panel.slopes);
    let slope = slopes.find(|slope| slope.arm == arm && slope.setting == *setting);
    match slope {
        Some(slope) if factor == Factor::Instances && slope.estimate.estimate().is_some() => {
            let slope = number::outcome(words, &slope.estimate, scale);
            say!(words, "against-slope", slope = slope)
        }
        _ => String::new(),
    }
}

/// What a neighbour's load does to each arm, as a matrix for each workload.
fn neighbours(panels: &[&Panel], desk: &mut Desk) -> Result<Vec<Block>, FigureError> {
    let words = desk.words;
    let mut blocks = Vec::new();
    for (index, panel) in panels.iter().enumerate() {
        let to_idle: Vec<&Comparison> = panel
            .comparisons
            .iter()
            .filter(|c| c.contrast == Contrast::ToIdle)
            .collect();
        let mut columns: Vec<&Setting> = Vec::new();
        let mut arms: Vec<Arm> = Vec::new();
        for comparison in &to_idle {
            if !columns.contains(&&comparison.setting) {
                columns.push(&comparison.setting);
            }
            if !arms.contains(&comparison.arm) {
                arms.push(comparison.arm);
            }
        }
        let sheets = columns.len().div_ceil(heat::MOST_COLUMNS);
        for (sheet, columns) in columns.chunks(heat::MOST_COLUMNS).enumerate() {
            let rows = arms.iter().map(|arm| heat::Row {
                arm: *arm,
                label: terms::arm(words, *arm),
                cells: columns
                    .iter()
                    .map(|setting| {
                        let mut all = to_idle.iter();
                        let found = all.find(|c| c.arm == *arm && c.setting == **setting);
                        found.map(|c| heat_cell(c, words))
                    })
                    .collect(),
            });
            let matrix = heat::Matrix {
                columns: columns
                    .iter()
                    .map(|setting| neighbour(setting, words))
                    .collect(),
                rows: rows.collect(),
                lower_is_better: panel.metric.lower_is_better(),
            };
            let metric = terms::metric(words, panel.metric);
            let title = say!(words, "neighbours-title", metric = metric);
            let title = titled(&title, sheet, sheets, words);
            let id = id(panels, &format!("neighbours-{}-{}", index + 1, sheet + 1));
            let figure = heat::draw(&id, title.clone(), &matrix, words)?;
            let shown: Vec<&Outcome> = to_idle
                .iter()
                .filter(|c| columns.contains(&&c.setting))
                .map(|c| ratio(c))
                .collect();
            let caption = say!(
                words,
                "neighbours-caption",
                title = title,
                workload = desk.workload(&panel.workload),
                provenance = provenance(shown.into_iter(), words)
            );
            let table = text::anchor(&format!("{}-ratios", panel.id));
            blocks.push(desk.figure_of(figure, caption, &table));
        }
    }
    Ok(blocks)
}

/// The ratio that holds together with the others of its family, if there is one.
fn ratio(comparison: &Comparison) -> &Outcome {
    let joint = comparison
        .joint
        .as_ref()
        .and_then(|joint| joint.ratio.as_ref());
    joint
        .filter(|ratio| ratio.estimate().is_some())
        .unwrap_or(&comparison.ratio)
}

fn heat_cell(comparison: &Comparison, words: &Words) -> heat::Cell {
    let joint = comparison.joint.as_ref().and_then(|joint| joint.verdict);
    let verdict = joint.or(comparison.verdict);
    let verdict = verdict.map_or_else(String::new, |verdict| terms::verdict(words, verdict));
    match ratio(comparison) {
        Outcome::Estimate(estimate) => {
            let shown = number::estimate(estimate, Scale::PLAIN);
            heat::Cell {
                ratio: Some(estimate.value()),
                lines: [shown.value, shown.interval, verdict],
            }
        }
        Outcome::Insufficient(few) => heat::Cell {
            ratio: None,
            lines: [
                "–".into(),
                format!("n = {}", few.n),
                say!(words, "needs-blocks", needs = few.needs),
            ],
        },
    }
}

/// A neighbour as the heading of a column.
fn neighbour(setting: &Setting, words: &Words) -> [String; 2] {
    let load = say!(
        words,
        "neighbour-load",
        load = terms::load(words, setting.neighbour),
        workers = terms::or_none(setting.workers)
    );
    let place = say!(words, "neighbour-place", place = terms::place(setting));
    [load, place]
}

/// Mixes beside what they are made of, under the same conditions.
fn mixes(panels: &[&Panel], desk: &mut Desk) -> Result<Vec<Block>, FigureError> {
    let words = desk.words;
    let mut blocks = Vec::new();
    for (index, panel) in panels.iter().enumerate() {
        let mixed: Vec<&Row> = panel
            .rows
            .iter()
            .filter(|row| row.arm.mix.is_some())
            .collect();
        let mut shown: Vec<groups::Group<'_>> = Vec::new();
        for mix in mixed {
            let parts = panel.rows.iter().filter(|row| {
                let part = row.arm.mix.is_none() && row.arm.instance == mix.arm.instance;
                let mut likes = row.setting.clone();
                likes.nics = mix.setting.nics;
                part && mix.arm.backends().any(|b| b == row.arm.backend) && likes == mix.setting
            });
            let rows = std::iter::once(mix).chain(parts).map(|row| groups::Row {
                arm: row.arm,
                label: terms::arm_in(words, row.arm, &row.setting),
                outcome: &row.estimate,
            });
            shown.push(groups::Group {
                heading: terms::arm_in(words, mix.arm, &mix.setting),
                rows: rows.collect(),
            });
        }
        let lines: usize = shown.iter().map(|group| group.rows.len() + 1).sum();
        if shown.is_empty() || lines > groups::MOST_LINES {
            continue;
        }
        let scale = super::panels::scale(panel);
        let metric = terms::metric(words, panel.metric);
        let title = say!(words, "mixes-title", metric = metric);
        let axis = format!("{metric}{}", scale.suffix(words));
        let id = id(panels, &format!("mixes-{}", index + 1));
        let kind = Kind::Values(scale);
        let figure = groups::draw(&id, title.clone(), &axis, kind, &shown, words)?;
        let outcomes = shown
            .iter()
            .flat_map(|group| group.rows.iter().map(|row| row.outcome));
        let caption = say!(
            words,
            "mixes-caption",
            title = title,
            workload = desk.workload(&panel.workload),
            provenance = provenance(outcomes, words)
        );
        blocks.push(desk.figure(figure, caption));
    }
    Ok(blocks)
}

/// What the tunings do, as ratios to the same untuned.
fn tunings(panels: &[&Panel], desk: &mut Desk) -> Result<Option<Block>, FigureError> {
    let words = desk.words;
    let metric = label(panels, words);
    let title = say!(words, "tunings-title", metric = metric);
    let axis = say!(words, "tunings-axis", metric = metric);
    let id = id(panels, "tunings");
    ratios(panels, Contrast::ToUntuned, id, title, &axis, desk)
}

/// The ratios of a contrast, workload by workload.
pub(super) fn ratios(
    panels: &[&Panel],
    contrast: Contrast,
    id: String,
    title: String,
    axis: &str,
    desk: &mut Desk,
) -> Result<Option<Block>, FigureError> {
    let words = desk.words;
    let mut shown: Vec<groups::Group<'_>> = Vec::new();
    let mut lines = 0;
    for panel in panels {
        let comparisons = panel.comparisons.iter().filter(|c| c.contrast == contrast);
        let rows: Vec<_> = comparisons
            .map(|comparison| groups::Row {
                arm: comparison.arm,
                label: terms::arm_in(words, comparison.arm, &comparison.setting),
                outcome: ratio(comparison),
            })
            .collect();
        lines += rows.len() + 1;
        if !rows.is_empty() && lines <= groups::MOST_LINES {
            shown.push(groups::Group {
                heading: desk.workload(&panel.workload).to_owned(),
                rows,
            });
        }
    }
    if shown.is_empty() {
        return Ok(None);
    }
    let figure = groups::draw(
        &id,
        title.clone(),
        axis,
        Kind::Ratios(THRESHOLD),
        &shown,
        words,
    )?;
    let outcomes = shown
        .iter()
        .flat_map(|group| group.rows.iter().map(|row| row.outcome));
    let provenance = provenance(outcomes, words);
    let caption = say!(
        words,
        "ratios-figure-caption",
        title = title,
        provenance = provenance
    );
    Ok(Some(desk.figure(figure, caption)))
}
