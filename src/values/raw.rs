//! Values as words: the address of their memory, whose low three bits tell the encoding. So a value takes eight bytes of
//! a key record and no allocation beside its own.
//!
//! # Safety
//! What is kept on the heap is aligned to eight bytes, which leaves three bits of its address to us; each tag stands for
//! one encoding, so a word leads back to the type it was made of.

use crate::{Hash, List, Set, SortedSet, Stream};
use std::num::NonZero;
use std::ptr::NonNull;
use structures::own::Own;
use structures::pack::Pack;

const TAG: usize = 0b111;

/// A value that fits a word.
#[expect(unsafe_code, reason = "see the module's head")]
pub trait Raw: Sized {
    /// The word. It owns the value: to be given back to [`Raw::from_raw`] once, or leaked.
    fn into_raw(self) -> NonNull<u8>;

    /// The value of a word.
    ///
    /// # Safety
    /// The word came from `into_raw` of the same type. Of the values made of it, one may be dropped, and while one is
    /// written to, no other is looked at.
    unsafe fn from_raw(word: NonNull<u8>) -> Self;
}

macro_rules! tagged {
    ($type:ident: $($tag:literal $variant:ident $inner:ty;)+) => {
        #[expect(unsafe_code, reason = "see the module's head")]
        impl Raw for $type {
            #[inline]
            fn into_raw(self) -> NonNull<u8> {
                match self {
                    $($type::$variant(inner) => inner.into_raw().map_addr(|addr| addr | $tag),)+
                }
            }

            #[inline]
            unsafe fn from_raw(word: NonNull<u8>) -> Self {
                let tag = word.addr().get() & TAG;
                let address = word.map_addr(|addr| NonZero::new(addr.get() & !TAG).unwrap_or(addr));
                match tag {
                    // SAFETY: the tag says that the address is of this type; the rest is the caller's promise.
                    $($tag => $type::$variant(unsafe { <$inner>::from_raw(address) }),)+
                    _ => unreachable!("a word has the tag of an encoding"),
                }
            }
        }
    };
}

tagged! { List:
    0 Pack Pack;
    1 Chain Own<crate::list::Chain>;
}
tagged! { Set:
    0 Pack Pack;
    1 Ints structures::intset::Intset;
    2 Table Own<structures::member::Members>;
}
tagged! { Hash:
    0 Pack Pack;
    1 Compact Pack;
    2 Table Own<crate::hash::Table>;
}
tagged! { SortedSet:
    0 Pack Pack;
    1 Ranking Own<structures::ranking::Ranking>;
}
tagged! { Stream:
    0 Log Own<crate::stream::Log>;
}
