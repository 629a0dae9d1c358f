//! Cutting down the commands that led to a difference.

use crate::common::PATIENCE;
use crate::pair::{self, Command, Difference, Pair};
use std::time::Instant;

/// The report of a difference that the last of the commands made: the fewest found that still lead to it.
pub(crate) fn told(pair: &mut Pair, sent: Vec<Command>, first: &Difference) -> String {
    let total = sent.len();
    let mut last = None;
    let mut fewest = shortest_end(pair, sent);
    let began = Instant::now();
    let mut piece = fewest.len() / 2;
    while piece > 0 && began.elapsed() < PATIENCE {
        let mut at = 0;
        while at + piece < fewest.len() && began.elapsed() < PATIENCE {
            let mut fewer = fewest.clone();
            fewer.drain(at..at + piece);
            match pair.replay(&fewer) {
                Some(difference) => {
                    fewest = fewer;
                    last = Some(difference);
                }
                None => at += piece,
            }
        }
        piece /= 2;
    }
    let lines: Vec<String> = fewest.iter().map(|command| format!("  {}", pair::line(command))).collect();
    let shrunk = last.as_ref().unwrap_or(first);
    format!(
        "command {total} of a stretch is answered differently; this suffices:\n{}\n{shrunk}",
        lines.join("\n")
    )
}

/// The last few commands, if they lead there as well as all of them.
fn shortest_end(pair: &mut Pair, mut sent: Vec<Command>) -> Vec<Command> {
    let mut length = 16;
    while length < sent.len() {
        let start = sent.len() - length;
        if pair.replay(&sent[start..]).is_some() {
            return sent.split_off(start);
        }
        length *= 4;
    }
    sent
}
