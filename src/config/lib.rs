//! Every configuration directive as one row of a table: name, type, default, range, flags.
#![forbid(unsafe_code)]
