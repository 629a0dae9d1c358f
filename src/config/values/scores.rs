//! `oom-score-adj-values`: how readily the kernel's OOM killer takes each role of the process.

use super::join;
use crate::error::Reason;
use crate::form::{Args, Context, Form};
use crate::number::parse_lenient;
use crate::words::until_nul;

/// One score for each role, from -2000 to 2000.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OomScores {
    /// While the server is a primary.
    pub primary: i16,
    /// While it is a replica.
    pub replica: i16,
    /// For the children that write snapshots and rewrite the append-only file.
    pub child: i16,
}

impl Default for OomScores {
    fn default() -> Self {
        Self { primary: 0, replica: 200, child: 800 }
    }
}

/// The form of [`OomScores`].
pub(crate) struct ScoreList;

impl Form<OomScores> for ScoreList {
    fn parse(&self, args: Args<'_>, _: &Context<'_, OomScores>) -> Result<OomScores, Reason> {
        let &[primary, replica, child] = args else { return Err("wrong number of arguments".into()) };
        let score = |arg: &[u8]| -> Result<i16, Reason> {
            let number = parse_lenient(until_nul(arg), 10).and_then(|(number, _)| i16::try_from(number).ok());
            number
                .filter(|number| (-2000..=2000).contains(number))
                .ok_or("Invalid oom-score-adj-values, elements must be between -2000 and 2000.".into())
        };
        Ok(OomScores { primary: score(primary)?, replica: score(replica)?, child: score(child)? })
    }

    fn show(&self, value: &OomScores) -> Vec<u8> {
        join([value.primary, value.replica, value.child].map(|score| score.to_string()))
    }
}
