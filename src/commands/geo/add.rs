//! GEOADD: members that get places.

use super::parse_point;
use crate::sorted_set::{Additions, Rule, add_all};
use crate::{CommandError, Ctx, Done, parse};
use base::int;
use conn::Args;

/// `GEOADD key [NX | XX] [CH] longitude latitude member [longitude latitude member ...]`
pub fn geoadd(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let (rule, first) = parse_rule(args)?;
    let scores =
        (first..args.len()).step_by(3).map(|at| Ok(parse_point(args.at(at), args.at(at + 1))?.score()));
    let scores = scores.collect::<Result<Vec<f64>, CommandError>>()?;

    let before = cx.effects.dirty;
    let additions = Additions { scores: &scores, first: first + 2, step: 3 };
    let done = add_all(cx, args, rule, additions)?;
    if cx.effects.recording && cx.effects.dirty != before {
        let mut words: Vec<Vec<u8>> = vec![b"zadd".to_vec()];
        words.extend(args.from(1).take(first - 1).map(<[u8]>::to_vec));
        for (i, score) in scores.iter().enumerate() {
            words.push(int::format_i64(*score as i64, &mut [0; int::MAX_TEXT]).to_vec());
            words.push(args.at(first + 3 * i + 2).to_vec());
        }
        cx.replicate_as(&words.iter().map(Vec::as_slice).collect::<Vec<_>>());
    }
    Ok(done)
}

/// Reads the options; answers where the places begin.
fn parse_rule(args: Args<'_>) -> Result<(Rule, usize), CommandError> {
    let mut rule = Rule::default();
    let mut at = 2;
    while let Some(word) = args.get(at) {
        let option = match word {
            _ if parse::is(word, "nx") => &mut rule.absent,
            _ if parse::is(word, "xx") => &mut rule.present,
            _ if parse::is(word, "ch") => &mut rule.count_changes,
            _ => break,
        };
        *option = true;
        at += 1;
    }
    let rest = args.len() - at;
    if rest == 0 || !rest.is_multiple_of(3) || rule.absent && rule.present {
        return Err(CommandError::SYNTAX);
    }
    Ok((rule, at))
}
