//! Which vector instructions a loop may use: one loop in portable Rust, compiled several times.
//!
//! A kernel is an ordinary `#[inline(always)]` function written so that the compiler can vectorise it. The `kernel!`
//! macro wraps it in one `#[target_feature]` function a level and a function that branches on a [`Level`]. There are no
//! intrinsics. On aarch64 NEON is part of the baseline, so there the portable level is the NEON one.
//!
//! Invariant: a `Level` exists only if this processor has the instructions it stands for. That is the whole safety
//! argument of the calls that `kernel!` makes; the field is private so that no other file can break it.

/// A proof that this processor has a certain set of instructions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Level(Set);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Set {
    /// What every processor of the target has: SSE2, or NEON.
    Portable,
    /// 32-byte vectors, a byte shuffle to count bits with, and POPCNT for what is left over.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// 64-byte vectors that count bits in one instruction.
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Level {
    /// The level that every processor has.
    pub(crate) const PORTABLE: Level = Level(Set::Portable);

    /// The highest level of this processor. Costs a few loads: the standard library keeps what the processor answered.
    #[inline]
    pub(crate) fn best() -> Level {
        #[cfg(target_arch = "x86_64")]
        {
            if has_avx512() {
                return Level(Set::Avx512);
            }
            if has_avx2() {
                return Level(Set::Avx2);
            }
        }
        Level(Set::Portable)
    }

    /// Every level of this processor, so that tests can hold each against the portable one.
    #[cfg(test)]
    pub(crate) fn all() -> Vec<Level> {
        let mut levels = vec![Level(Set::Portable)];
        #[cfg(target_arch = "x86_64")]
        {
            levels.extend(has_avx2().then_some(Level(Set::Avx2)));
            levels.extend(has_avx512().then_some(Level(Set::Avx512)));
        }
        levels
    }

    /// What the level consists of, for `kernel!` to branch on.
    #[inline]
    pub(crate) fn set(self) -> Set {
        self.0
    }
}

#[cfg(target_arch = "x86_64")]
#[inline]
fn has_avx512() -> bool {
    std::is_x86_feature_detected!("avx512vpopcntdq") && std::is_x86_feature_detected!("avx512f") && has_avx2()
}

#[cfg(target_arch = "x86_64")]
#[inline]
fn has_avx2() -> bool {
    std::is_x86_feature_detected!("avx2") && std::is_x86_feature_detected!("popcnt")
}

/// Defines `fn $name(level, arguments...)`, which runs the `#[inline(always)]` function `$body` compiled for `level`.
macro_rules! kernel {
    ($(#[$doc:meta])* $vis:vis fn $name:ident($($arg:ident: $type:ty),*) $(-> $result:ty)? = $body:path) => {
        $(#[$doc])*
        $vis fn $name(level: $crate::bits::level::Level, $($arg: $type),*) $(-> $result)? {
            use $crate::bits::level::Set;

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,popcnt")]
            fn avx2($($arg: $type),*) $(-> $result)? {
                $body($($arg),*)
            }

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx512vpopcntdq,avx2,popcnt")]
            fn avx512($($arg: $type),*) $(-> $result)? {
                $body($($arg),*)
            }

            match level.set() {
                Set::Portable => $body($($arg),*),
                #[cfg(target_arch = "x86_64")]
                // SAFETY: a level with this set exists only if the processor has these instructions.
                Set::Avx2 => unsafe { avx2($($arg),*) },
                #[cfg(target_arch = "x86_64")]
                // SAFETY: as above.
                Set::Avx512 => unsafe { avx512($($arg),*) },
            }
        }
    };
}

pub(crate) use kernel;
