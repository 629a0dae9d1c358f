//! The crate as a whole: its defaults against the reference's, and what must hold between setting, showing, loading and
//! rewriting.

mod defaults;
