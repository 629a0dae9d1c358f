//! `latency-tracking-info-percentiles`: the percentiles INFO shows of each command's latency.

use super::{EMPTY, is_empty_list, join};
use crate::error::Reason;
use crate::form::{Args, Context, FileLine, Form};

/// Percentiles from 0 to 100, in the order they are shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Percentiles(Vec<f64>);

impl Default for Percentiles {
    fn default() -> Self {
        Self(vec![50.0, 99.0, 99.9])
    }
}

impl Percentiles {
    /// The percentiles as numbers.
    pub fn as_slice(&self) -> &[f64] {
        &self.0
    }

    /// A percentile as it is shown: six decimals at most, without zeros at the end.
    pub fn text(percentile: f64) -> String {
        let text = format!("{percentile:.6}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

/// The form of [`Percentiles`].
pub(crate) struct PercentileList;

impl Form<Percentiles> for PercentileList {
    fn parse(&self, args: Args<'_>, _: &Context<'_, Percentiles>) -> Result<Percentiles, Reason> {
        if is_empty_list(args) {
            return Ok(Percentiles(Vec::new()));
        }
        let percentile = |arg: &&[u8]| -> Result<f64, Reason> {
            let number =
                base::double::parse_f64(arg).ok_or("Invalid latency-tracking-info-percentiles parameters")?;
            if (0.0..=100.0).contains(&number) {
                Ok(number)
            } else {
                Err("latency-tracking-info-percentiles parameters should sit between [0.0,100.0]".into())
            }
        };
        Ok(Percentiles(args.iter().map(percentile).collect::<Result<_, _>>()?))
    }

    fn show(&self, value: &Percentiles) -> Vec<u8> {
        join(value.0.iter().map(|&percentile| Percentiles::text(percentile)))
    }

    /// Always written, as the reference does.
    fn file_lines(&self, value: &Percentiles, _: &Percentiles) -> Vec<FileLine> {
        let text = if value.0.is_empty() { EMPTY.to_vec() } else { self.show(value) };
        vec![FileLine { value: text, needed: true }]
    }
}
