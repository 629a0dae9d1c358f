//! Merging registers with the byte shuffle of AVX2: 32 at a time.
//!
//! ```text
//! packed, 24 bytes     aab bcc cdd ...            four registers in three bytes
//! shuffled             aab- bcc- cdd- ...         a word for each four
//! spread               a b c d                    six bits to each byte of the word
//! ```

use super::raw::merge_words;
use super::{PACKED, REGISTERS};
use std::arch::x86_64::{
    __m128i, __m256i, _mm_loadu_si128, _mm256_and_si256, _mm256_loadu_si256, _mm256_max_epu8,
    _mm256_or_si256, _mm256_set_m128i, _mm256_set1_epi32, _mm256_setr_epi8, _mm256_shuffle_epi8,
    _mm256_slli_epi32, _mm256_storeu_si256,
};

const AT_ONCE: usize = 32;
/// The packed bytes of so many registers.
const BYTES: usize = AT_ONCE * 6 / 8;
/// Those of half of them.
const HALF: usize = BYTES / 2;
/// How many rounds there are, but for the last: a round reads four bytes beyond its own.
const ROUNDS: usize = REGISTERS / AT_ONCE - 1;

/// Takes in registers of six bits each.
#[target_feature(enable = "avx2")]
pub(super) fn merge(raw: &mut [u8; REGISTERS], packed: &[u8; PACKED]) {
    #[rustfmt::skip]
    let words = _mm256_setr_epi8(
        0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1,
        0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1,
    );
    for round in 0..ROUNDS {
        // SAFETY: the rounds but for the last end at least four bytes before the end of the packed registers.
        let both = unsafe {
            let start = packed.as_ptr().add(round * BYTES);
            let low = _mm_loadu_si128(start.cast::<__m128i>());
            let high = _mm_loadu_si128(start.add(HALF).cast::<__m128i>());
            _mm256_set_m128i(high, low)
        };
        let ranks = spread(_mm256_shuffle_epi8(both, words));
        // SAFETY: each round has its own 32 of the registers.
        unsafe {
            let own = raw.as_mut_ptr().add(round * AT_ONCE).cast::<__m256i>();
            _mm256_storeu_si256(own, _mm256_max_epu8(_mm256_loadu_si256(own), ranks));
        }
    }
    merge_words(&mut raw[ROUNDS * AT_ONCE..], &packed[ROUNDS * BYTES..]);
}

/// Gives each six of the lower 24 bits of a word a byte of their own.
#[inline]
#[target_feature(enable = "avx2")]
fn spread(words: __m256i) -> __m256i {
    let part = |mask| _mm256_and_si256(words, _mm256_set1_epi32(mask));
    let [a, b, c, d] = [part(0x3f), part(0xfc0), part(0x3_f000), part(0xfc_0000)];
    let (b, c, d) = (_mm256_slli_epi32::<2>(b), _mm256_slli_epi32::<4>(c), _mm256_slli_epi32::<6>(d));
    _mm256_or_si256(_mm256_or_si256(a, b), _mm256_or_si256(c, d))
}
