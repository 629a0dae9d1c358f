//! PFSELFTEST: whether registers hold what they are given, and whether estimates are near.

use super::corrupted;
use crate::{CommandError, Ctx, Done};
use base::rng::Rng;
use conn::Args;
use structures::hll::{self, Encoding, REGISTERS, Raw};

/// How often all registers are filled at random.
const FILLINGS: usize = 1000;
/// How many different elements are shown.
const ELEMENTS: u64 = 10_000_000;
/// How many standard errors an estimate may be off.
const TOLERANCE: f64 = 6.0;

/// `PFSELFTEST`
pub fn pfselftest(cx: &mut Ctx<'_>, _: Args<'_>) -> Result<Done, CommandError> {
    let most = cx.settings.rules.hll_sparse_max_bytes as usize;
    check_registers(cx.rng)?;
    check_estimates(cx.rng.next_u64(), most)?;
    cx.reply.ok();
    Ok(Done::Replied)
}

fn failed(what: &str) -> CommandError {
    CommandError::of(format!("TESTFAILED {what}"))
}

/// Registers that are raised to random ranks hold these and nothing else.
fn check_registers(rng: &mut Rng) -> Result<(), CommandError> {
    for _ in 0..FILLINGS {
        let mut dense = hll::to_dense(&hll::new()).map_err(corrupted)?;
        let mut ranks = [0; REGISTERS];
        rng.fill(&mut ranks);
        for (index, rank) in ranks.iter_mut().enumerate() {
            *rank &= 0x3f;
            hll::raise(&mut dense, index, *rank, 0).map_err(corrupted)?;
        }
        let mut raw = Raw::new();
        raw.merge(&dense).map_err(corrupted)?;
        for (index, &rank) in ranks.iter().enumerate() {
            let [one, spread] = [hll::dense_register(&dense, index), raw.registers()[index]];
            if (one, spread) != (rank, rank) {
                return Err(failed(&format!("Register {index} should be {rank} but is {one}")));
            }
        }
    }
    Ok(())
}

/// Both encodings give the same estimate, and a near one, at each power of ten.
fn check_estimates(seed: u64, most: usize) -> Result<(), CommandError> {
    let mut dense = hll::to_dense(&hll::new()).map_err(corrupted)?;
    let mut grown = hll::new();
    let mut checkpoint = 1;
    for number in 1..=ELEMENTS {
        let element = (number ^ seed).to_le_bytes();
        let (index, rank) = hll::place_of(&element);
        hll::raise(&mut dense, index, rank, most).map_err(corrupted)?;
        hll::raise(&mut grown, index, rank, most).map_err(corrupted)?;
        if number != checkpoint {
            continue;
        }
        if number < most as u64 / 2 && hll::encoding_of(&grown) != Some(Encoding::Sparse) {
            return Err(failed("sparse encoding not used"));
        }
        let estimate = hll::estimate(&hll::histogram(&dense, Raw::new()).map_err(corrupted)?);
        let other = hll::estimate(&hll::histogram(&grown, Raw::portable()).map_err(corrupted)?);
        if estimate != other {
            return Err(failed("dense/sparse disagree"));
        }
        // Among ten, elements that share a register are likely enough to be off by one.
        let standard = 1.04 / (REGISTERS as f64).sqrt() * number as f64;
        let allowed = if number == 10 { 1 } else { (TOLERANCE * standard).ceil() as u64 };
        let error = estimate.abs_diff(number);
        if error > allowed {
            return Err(failed(&format!("Too big error. card:{number} abserr:{error}")));
        }
        checkpoint *= 10;
    }
    Ok(())
}
