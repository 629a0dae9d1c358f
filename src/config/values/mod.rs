//! Values with a grammar of their own: the directives that are more than a word, each with its type and its form.

mod addresses;
mod events;
mod output_limits;
mod percentiles;
mod primary;
mod save_points;
mod scores;
mod share;
mod shutdown;

pub(crate) use addresses::AddressList;
pub use addresses::Addresses;
pub use events::EventClasses;
pub(crate) use events::EventLetters;
pub(crate) use output_limits::OutputLimitList;
pub use output_limits::{OutputLimit, OutputLimits};
pub(crate) use percentiles::PercentileList;
pub use percentiles::Percentiles;
pub use primary::Primary;
pub(crate) use primary::PrimaryAddress;
pub(crate) use save_points::SavePointList;
pub use save_points::{SavePoint, SavePoints};
pub use scores::OomScores;
pub(crate) use scores::ScoreList;
pub(crate) use share::MemoryOrPercent;
pub use share::MemoryShare;
pub use shutdown::ShutdownFlags;
pub(crate) use shutdown::ShutdownWords;

/// Items joined by single blanks.
fn join<T: AsRef<[u8]>>(items: impl IntoIterator<Item = T>) -> Vec<u8> {
    let mut out = Vec::new();
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(b' ');
        }
        out.extend_from_slice(item.as_ref());
    }
    out
}

/// How an empty list is written, so that it is one argument and not none.
const EMPTY: &[u8] = b"\"\"";

/// Whether the arguments are the one empty argument that stands for an empty list, or none at all.
fn is_empty_list(args: &[&[u8]]) -> bool {
    matches!(args, [] | [b""])
}
