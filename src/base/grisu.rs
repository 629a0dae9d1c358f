//! Decimal digits of a double by the Grisu2 algorithm (Florian Loitsch, "Printing Floating-Point Numbers Quickly and
//! Accurately with Integers", 2010).
//!
//! The double and its two halfway neighbours are multiplied by a power of ten that brings their exponent into a fixed
//! window; then digits of the upper neighbour are cut until what remains fits between the neighbours. The digits always
//! read back as the same double, but since powers of ten are rounded to 64 bits they are now and then not the shortest
//! or not the nearest ones. Clients compare these texts, so the very same digits must come out as from the reference:
//! its choice among the cached powers, and its treating every significand of 2^52 as the start of a binade, are kept.

use crate::int;

/// At most this many digits come out.
pub(crate) const MAX_DIGITS: usize = 18;

/// A number 0.d1d2d3.. times a power of ten, as the digits d1d2d3.. and the power that makes them an integer.
pub(crate) struct Decimal {
    digits: [u8; MAX_DIGITS],
    len: usize,
    /// The value is the digits, read as an integer, times ten to this.
    pub(crate) exponent: i32,
}

impl Decimal {
    /// The digits, as ASCII, most significant first.
    pub(crate) fn digits(&self) -> &[u8] {
        &self.digits[..self.len]
    }

    fn push(&mut self, digit: u8) {
        if (digit > 0 || self.len > 0) && self.len < MAX_DIGITS {
            self.digits[self.len] = b'0' + digit;
            self.len += 1;
        }
    }
}

/// `significand * 2^exponent`, the significand using all 64 bits.
#[derive(Clone, Copy)]
struct Wide {
    significand: u64,
    exponent: i32,
}

impl Wide {
    fn normal(significand: u64, exponent: i32) -> Self {
        let shift = significand.leading_zeros();
        Self { significand: significand << shift, exponent: exponent - shift as i32 }
    }

    fn times(self, other: Self) -> Self {
        let product = u128::from(self.significand) * u128::from(other.significand) + (1 << 63);
        Self { significand: (product >> 64) as u64, exponent: self.exponent + other.exponent + 64 }
    }
}

/// The digits of `value`, which is finite and not zero; the sign is left out.
pub(crate) fn digits(value: f64) -> Decimal {
    const HIDDEN: u64 = 1 << 52;
    let bits = value.to_bits();
    let (fraction, biased) = (bits & (HIDDEN - 1), (bits >> 52 & 0x7ff) as i32);
    let (significand, exponent) =
        if biased == 0 { (fraction, -1074) } else { (fraction | HIDDEN, biased - 1075) };

    let number = Wide::normal(significand, exponent);
    let upper = Wide::normal(2 * significand + 1, exponent - 1);
    // Below the start of a binade the neighbours are twice as dense.
    let closer = if significand == HIDDEN { 2 } else { 1 };
    let lower = (significand << closer) - 1;
    let lower = Wide { significand: lower << (exponent - closer - upper.exponent), exponent: upper.exponent };

    let (power, ten_exponent) = cached_power(upper.exponent);
    let [number, mut upper, mut lower] = [number, upper, lower].map(|wide| wide.times(power));
    // The products may be off by one unit: keep clear of both ends.
    lower.significand += 1;
    upper.significand -= 1;
    cut(number, upper, upper.significand - lower.significand, -ten_exponent)
}

/// Cuts digits off `upper` until the rest is at most `span`, the width of the interval; then steps the last digit down
/// as long as that comes nearer to `number`.
fn cut(number: Wide, upper: Wide, mut span: u64, exponent: i32) -> Decimal {
    let mut out = Decimal { digits: [0; MAX_DIGITS], len: 0, exponent };
    let point = upper.exponent.unsigned_abs();
    let one = 1u64 << point;
    let mut above = upper.significand - number.significand;
    // The exponent's window leaves 4 to 32 bits before the point.
    let mut whole = (upper.significand >> point) as u32;
    let mut rest = upper.significand & (one - 1);

    let mut power = int::digits10(u64::from(whole));
    let mut unit = 10u32.pow(power as u32 - 1);
    while power > 0 {
        out.push((whole / unit) as u8);
        whole %= unit;
        power -= 1;
        let left = (u64::from(whole) << point) + rest;
        if left <= span {
            out.exponent += power as i32;
            step_down(&mut out, span, left, u64::from(unit) << point, above);
            return out;
        }
        unit /= 10;
    }
    loop {
        rest = rest.wrapping_mul(10);
        span = span.wrapping_mul(10);
        above = above.wrapping_mul(10);
        out.exponent -= 1;
        out.push((rest >> point) as u8);
        rest &= one - 1;
        if rest < span || out.len == MAX_DIGITS {
            step_down(&mut out, span, rest, one, above);
            return out;
        }
    }
}

/// `left` is how far the digits so far lie below the upper end, `above` how far the number itself does.
fn step_down(out: &mut Decimal, span: u64, mut left: u64, unit: u64, above: u64) {
    let Some(last) = out.len.checked_sub(1) else { return };
    while left < above && span - left >= unit && (left + unit < above || above - left > left + unit - above) {
        out.digits[last] -= 1;
        left += unit;
    }
}

const FIRST_POWER: i32 = -348;
const POWER_STEP: i32 = 8;

/// A power of ten, and its exponent, whose product with a number of binary `exponent` has one in -60..=-32.
fn cached_power(exponent: i32) -> (Wide, i32) {
    // Often two neighbouring powers would do, and which of them is taken shows in the digits.
    let estimate = (f64::from(-(exponent + POWERS.len() as i32)) * std::f64::consts::LOG10_2) as i32;
    let mut index = (estimate - FIRST_POWER) / POWER_STEP;
    loop {
        let ten_exponent = FIRST_POWER + index * POWER_STEP;
        // log2(10) is 217706 / 65536, near enough for these powers.
        let binary = ((ten_exponent * 217_706) >> 16) - 63;
        match exponent + binary + 64 {
            ..-60 => index += 1,
            -60..=-32 => {
                let significand = POWERS[index as usize];
                return (Wide { significand, exponent: binary }, ten_exponent);
            }
            _ => index -= 1,
        }
    }
}

/// 10^-348, 10^-340 .. 10^340: the leading 64 bits, rounded to nearest.
#[rustfmt::skip]
const POWERS: [u64; 87] = [
    0xfa8f_d5a0_081c_0288, 0xbaae_e17f_a23e_bf76, 0x8b16_fb20_3055_ac76, 0xcf42_894a_5dce_35ea,
    0x9a6b_b0aa_5565_3b2d, 0xe61a_cf03_3d1a_45df, 0xab70_fe17_c79a_c6ca, 0xff77_b1fc_bebc_dc4f,
    0xbe56_91ef_416b_d60c, 0x8dd0_1fad_907f_fc3c, 0xd351_5c28_3155_9a83, 0x9d71_ac8f_ada6_c9b5,
    0xea9c_2277_23ee_8bcb, 0xaecc_4991_4078_536d, 0x823c_1279_5db6_ce57, 0xc210_9436_4dfb_5637,
    0x9096_ea6f_3848_984f, 0xd774_85cb_2582_3ac7, 0xa086_cfcd_97bf_97f4, 0xef34_0a98_172a_ace5,
    0xb238_67fb_2a35_b28e, 0x84c8_d4df_d2c6_3f3b, 0xc5dd_4427_1ad3_cdba, 0x936b_9fce_bb25_c996,
    0xdbac_6c24_7d62_a584, 0xa3ab_6658_0d5f_daf6, 0xf3e2_f893_dec3_f126, 0xb5b5_ada8_aaff_80b8,
    0x8762_5f05_6c7c_4a8b, 0xc9bc_ff60_34c1_3053, 0x964e_858c_91ba_2655, 0xdff9_7724_7029_7ebd,
    0xa6df_bd9f_b8e5_b88f, 0xf8a9_5fcf_8874_7d94, 0xb944_7093_8fa8_9bcf, 0x8a08_f0f8_bf0f_156b,
    0xcdb0_2555_6531_31b6, 0x993f_e2c6_d07b_7fac, 0xe45c_10c4_2a2b_3b06, 0xaa24_2499_6973_92d3,
    0xfd87_b5f2_8300_ca0e, 0xbce5_0864_9211_1aeb, 0x8cbc_cc09_6f50_88cc, 0xd1b7_1758_e219_652c,
    0x9c40_0000_0000_0000, 0xe8d4_a510_0000_0000, 0xad78_ebc5_ac62_0000, 0x813f_3978_f894_0984,
    0xc097_ce7b_c907_15b3, 0x8f7e_32ce_7bea_5c70, 0xd5d2_38a4_abe9_8068, 0x9f4f_2726_179a_2245,
    0xed63_a231_d4c4_fb27, 0xb0de_6538_8cc8_ada8, 0x83c7_088e_1aab_65db, 0xc45d_1df9_4271_1d9a,
    0x924d_692c_a61b_e758, 0xda01_ee64_1a70_8dea, 0xa26d_a399_9aef_774a, 0xf209_787b_b47d_6b85,
    0xb454_e4a1_79dd_1877, 0x865b_8692_5b9b_c5c2, 0xc835_53c5_c896_5d3d, 0x952a_b45c_fa97_a0b3,
    0xde46_9fbd_99a0_5fe3, 0xa59b_c234_db39_8c25, 0xf6c6_9a72_a398_9f5c, 0xb7dc_bf53_54e9_bece,
    0x88fc_f317_f222_41e2, 0xcc20_ce9b_d35c_78a5, 0x9816_5af3_7b21_53df, 0xe2a0_b5dc_971f_303a,
    0xa8d9_d153_5ce3_b396, 0xfb9b_7cd9_a4a7_443c, 0xbb76_4c4c_a7a4_4410, 0x8bab_8eef_b640_9c1a,
    0xd01f_ef10_a657_842c, 0x9b10_a4e5_e991_3129, 0xe710_9bfb_a19c_0c9d, 0xac28_20d9_623b_f429,
    0x8044_4b5e_7aa7_cf85, 0xbf21_e440_03ac_dd2d, 0x8e67_9c2f_5e44_ff8f, 0xd433_179d_9c8c_b841,
    0x9e19_db92_b4e3_1ba9, 0xeb96_bf6e_badf_77d9, 0xaf87_023b_9bf0_ee6b,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::big::{Big, quotient};
    use proptest::prelude::*;

    #[test]
    fn cached_powers_are_the_rounded_ones() {
        for (index, &significand) in POWERS.iter().enumerate() {
            let exponent = FIRST_POWER + index as i32 * POWER_STEP;
            let ten = Big::from(1).times_ten_to(exponent.unsigned_abs());
            let one = Big::from(1);
            let ratio = if exponent < 0 { quotient(&one, &ten) } else { quotient(&ten, &one) };
            let drop = 64 - ratio.bits.leading_zeros();
            let rounded = (ratio.bits >> (drop - 1)).div_ceil(2) as u64;
            assert_eq!(significand, rounded, "10^{exponent}");
            assert_eq!(ratio.exponent + drop as i32, ((exponent * 217_706) >> 16) - 63);
        }
    }

    proptest! {
        #[test]
        fn digits_read_back_as_the_same_double(bits: u64) {
            let value = f64::from_bits(bits & !(1 << 63));
            prop_assume!(value.is_finite() && value > 0.0);
            let decimal = digits(value);
            let text = format!("{}e{}", std::str::from_utf8(decimal.digits()).unwrap(), decimal.exponent);
            prop_assert_eq!(text.parse::<f64>().unwrap().to_bits(), value.to_bits(), "{}", text);
        }
    }
}
