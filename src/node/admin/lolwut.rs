//! `LOLWUT`: a picture that nobody needs.
//!
//! Each row follows from the one above it: whether a cell lives is decided by the three cells over it, by one of the
//! rules that are known to make something of a random beginning.

use crate::boundary::Now;
use crate::node::Node;
use crate::session::Session;
use commands::{CommandError, Done, parse};
use conn::Args;

const COLUMNS: usize = 66;
const ROWS: usize = 24;
/// Elementary rules by their numbers: bit `n` tells what becomes of the neighbourhood `n`.
const RULES: [u8; 8] = [18, 22, 30, 54, 73, 90, 110, 150];

/// `LOLWUT [VERSION version]`. One picture is enough for all versions.
pub fn lolwut(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    if args.len() >= 3 && parse::is(args.at(1), "version") {
        parse::integer(args.at(2))?;
    }
    let rule = RULES[node.rng.index(RULES.len())];
    let mut cells: Vec<bool> = (0..COLUMNS).map(|_| node.rng.chance(1, 4)).collect();
    let mut text = String::new();
    for _ in 0..ROWS {
        text.extend(cells.iter().map(|alive| if *alive { '#' } else { ' ' }));
        text.push('\n');
        cells = next(&cells, rule);
    }
    let (name, version) = match node.extended_compat() {
        true => ("Redis", crate::REDIS_VERSION),
        false => ("Valkey", crate::VERSION),
    };
    text.push_str(&format!("\nRule {rule}, from a row of chance. {name} ver. {version}\n"));
    session.reply().verbatim(b"txt", text.as_bytes());
    Ok(Done::Replied)
}

/// The row below a row, whose ends meet.
fn next(cells: &[bool], rule: u8) -> Vec<bool> {
    let count = cells.len();
    let lives = |at: usize| {
        let (left, right) = (cells[(at + count - 1) % count], cells[(at + 1) % count]);
        let neighbourhood = u8::from(left) << 2 | u8::from(cells[at]) << 1 | u8::from(right);
        rule >> neighbourhood & 1 != 0
    };
    (0..count).map(lives).collect()
}

#[cfg(test)]
mod tests {
    use super::next;

    #[test]
    fn rule_90_makes_a_triangle_of_one_cell() {
        let mut cells = vec![false; 9];
        cells[4] = true;
        let rows: Vec<String> = (0..4)
            .map(|_| {
                let row = cells.iter().map(|alive| if *alive { '#' } else { '.' }).collect();
                cells = next(&cells, 90);
                row
            })
            .collect();
        assert_eq!(rows, ["....#....", "...#.#...", "..#...#..", ".#.#.#.#."]);
    }
}
