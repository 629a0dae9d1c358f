//! `math.random`: the same numbers on every machine, from a generator of 48 bits.

use crate::raw::{Frame, Outcome, truncated};

/// The largest number that is drawn.
const MAX: u64 = i32::MAX as u64;

fn draw(frame: &mut Frame<'_>) -> f64 {
    let [low, middle, high] = frame.random().map(u64::from);
    let state =
        (low | middle << 16 | high << 32).wrapping_mul(0x5_deec_e66d).wrapping_add(0xb) & 0xffff_ffff_ffff;
    frame.set_random([0, 16, 32].map(|shift| (state >> shift) as u32 & 0xffff));
    ((state >> 17) % MAX) as f64 / MAX as f64
}

/// A limit, as C would put it into an `int`.
fn limit(frame: &mut Frame<'_>, number: i32) -> Result<i32, crate::raw::Fault> {
    Ok(truncated(frame.check_number(number)?) as i32)
}

pub(super) fn random(frame: &mut Frame<'_>) -> Outcome {
    let drawn = draw(frame);
    let number = match frame.top() {
        0 => drawn,
        1 => {
            let most = limit(frame, 1)?;
            if most < 1 {
                return Err(frame.bad_argument(1, "interval is empty"));
            }
            (drawn * f64::from(most)).floor() + 1.0
        }
        2 => {
            let (least, most) = (limit(frame, 1)?, limit(frame, 2)?);
            if least > most {
                return Err(frame.bad_argument(2, "interval is empty"));
            }
            (drawn * f64::from(most.wrapping_sub(least).wrapping_add(1))).floor() + f64::from(least)
        }
        _ => return Err(frame.fail("wrong number of arguments")),
    };
    frame.push_number(number);
    Ok(1)
}

pub(super) fn randomseed(frame: &mut Frame<'_>) -> Outcome {
    let seed = limit(frame, 1)? as u32;
    frame.set_random([0x330e, seed & 0xffff, seed >> 16]);
    Ok(0)
}
