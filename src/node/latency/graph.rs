//! A series as a graph of characters, as LATENCY GRAPH shows it: a column for each sample, four rows of three steps each,
//! and under each column how long ago it was.
//!
//! ```text
//! command - high 500 ms, low 300 ms (all time high 500 ms)
//! --------------------------------------------------------------------------------
//!   #
//!  _|
//!  ||
//! _||
//!
//! 531
//! sss
//! ```

use super::{Sample, Series};

const COLUMNS: usize = 80;
const ROWS: usize = 4;
/// How full a cell is, by the steps that reach into it.
const STEPS: [u8; 3] = *b"_o#";
const FULL: u8 = b'|';

/// The graph of a series at `unix_s`.
pub(crate) fn graph(series: &Series, unix_s: i64) -> Vec<u8> {
    let millis = || series.samples.iter().map(|sample| sample.millis);
    let (high, low) = (millis().max().unwrap_or(0), millis().min().unwrap_or(0));
    let (event, max) = (series.event, series.max);
    let mut text = format!("{event} - high {high} ms, low {low} ms (all time high {max} ms)\n").into_bytes();
    text.resize(text.len() + COLUMNS, b'-');
    text.push(b'\n');
    let samples: Vec<Sample> = series.samples.iter().copied().collect();
    for (index, part) in samples.chunks(COLUMNS).enumerate() {
        if index > 0 {
            text.push(b'\n');
        }
        push_bars(&mut text, part, low, high);
        push_labels(&mut text, part, unix_s);
    }
    text
}

fn push_bars(text: &mut Vec<u8>, samples: &[Sample], low: u64, high: u64) {
    let steps = (STEPS.len() * ROWS) as u64;
    let range = (high - low).max(1);
    for row in (0..ROWS).rev() {
        let below = row * STEPS.len();
        for sample in samples {
            let step = ((sample.millis - low) * steps / range).min(steps - 1) as usize;
            text.push(match step.checked_sub(below) {
                None => b' ',
                Some(within) => STEPS.get(within).copied().unwrap_or(FULL),
            });
        }
        text.push(b'\n');
    }
}

/// The labels are written downwards, after a free line.
fn push_labels(text: &mut Vec<u8>, samples: &[Sample], unix_s: i64) {
    text.resize(text.len() + samples.len(), b' ');
    text.push(b'\n');
    let labels: Vec<String> = samples.iter().map(|sample| ago(unix_s - sample.unix_s)).collect();
    let longest = labels.iter().map(String::len).max().unwrap_or(0);
    for line in 0..longest {
        text.extend(labels.iter().map(|label| label.as_bytes().get(line).copied().unwrap_or(b' ')));
        text.push(b'\n');
    }
}

fn ago(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        3600..86400 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(samples: &[(i64, u64)]) -> Series {
        let samples = samples.iter().map(|&(unix_s, millis)| Sample { unix_s, millis }).collect();
        Series { event: "event", samples, max: 900, sum: 0, count: 0 }
    }

    fn drawn(samples: &[(i64, u64)], unix_s: i64) -> Vec<String> {
        let text = String::from_utf8(graph(&series(samples), unix_s)).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn columns_rise_with_the_samples_and_say_how_long_ago_they_were() {
        let lines = drawn(&[(0, 300), (90_000, 400), (96_500, 450), (99_995, 500)], 100_000);
        assert_eq!(lines[0], "event - high 500 ms, low 300 ms (all time high 900 ms)");
        assert_eq!(lines[1], "-".repeat(80));
        assert_eq!(lines[2..], ["  _#", " _||", " |||", "_|||", "    ", "1255", "dh8s", "  m "]);
    }

    #[test]
    fn equal_samples_lie_at_the_bottom() {
        assert_eq!(drawn(&[(1, 7), (2, 7)], 2)[2..], ["  ", "  ", "  ", "__", "  ", "10", "ss"]);
    }

    #[test]
    fn a_long_series_is_drawn_in_parts() {
        let samples: Vec<(i64, u64)> = (0..100).map(|second| (second, 5)).collect();
        let lines = drawn(&samples, 100);
        let lengths: Vec<usize> = lines[2..].iter().map(String::len).collect();
        assert_eq!(lengths, [[80; 8].as_slice(), &[0], &[20; 8]].concat());
    }
}
