//! Sets of named bits: one macro makes an enum of names and a set type over it.
//!
//! The order of the variants is the order in which the reference prints the names, so iterating a set is printing it.
//! A set is built in a constant with `of(&[...])`, since operators on our own types cannot run there.

/// Defines `enum $Bit` (one name a variant) and `struct $Set($int)`, a set of them.
macro_rules! named_bits {
    (
        $(#[$bit_doc:meta])* enum $Bit:ident;
        $(#[$set_doc:meta])* struct $Set:ident($int:ty);
        { $( $(#[$variant_doc:meta])* $Variant:ident = $name:literal, )* }
    ) => {
        $(#[$bit_doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u8)]
        pub enum $Bit { $( $(#[$variant_doc])* $Variant, )* }

        impl $Bit {
            /// All of them, in the order in which they are printed.
            pub const ALL: &'static [$Bit] = &[ $( $Bit::$Variant, )* ];

            /// The name that users see.
            pub const fn name(self) -> &'static str {
                match self { $( $Bit::$Variant => $name, )* }
            }

            /// The variant of that name, in any letter case.
            pub fn from_name(name: &[u8]) -> Option<$Bit> {
                $Bit::ALL.iter().copied().find(|bit| bit.name().as_bytes().eq_ignore_ascii_case(name))
            }
        }

        $(#[$set_doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Default)]
        pub struct $Set($int);

        impl $Set {
            /// The empty set.
            pub const NONE: $Set = $Set(0);

            /// The set of these.
            pub const fn of(bits: &[$Bit]) -> $Set {
                let mut set = $Set::NONE;
                let mut i = 0;
                while i < bits.len() {
                    set = set.with(bits[i]);
                    i += 1;
                }
                set
            }

            /// This set and one more.
            pub const fn with(self, bit: $Bit) -> $Set {
                $Set(self.0 | 1 << bit as u32)
            }

            /// What is in this set, in the other, or in both.
            pub const fn union(self, other: $Set) -> $Set {
                $Set(self.0 | other.0)
            }

            /// Whether it holds this one.
            #[inline]
            pub const fn has(self, bit: $Bit) -> bool {
                self.0 & 1 << bit as u32 != 0
            }

            /// Whether it holds at least one of the other's.
            #[inline]
            pub const fn intersects(self, other: $Set) -> bool {
                self.0 & other.0 != 0
            }

            /// Whether it holds none.
            pub const fn is_empty(self) -> bool {
                self.0 == 0
            }

            /// The raw bits, the first variant lowest.
            pub const fn bits(self) -> $int {
                self.0
            }

            /// Its members, in the order in which they are printed.
            pub fn iter(self) -> impl Iterator<Item = $Bit> {
                $Bit::ALL.iter().copied().filter(move |&bit| self.has(bit))
            }
        }

        impl std::fmt::Debug for $Set {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_set().entries(self.iter().map($Bit::name)).finish()
            }
        }
    };
}
pub(crate) use named_bits;
