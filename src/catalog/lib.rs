//! What commands are, as data: arity, flags, key specs, argument grammar, documentation.
#![forbid(unsafe_code)]
