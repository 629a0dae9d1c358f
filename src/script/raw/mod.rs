//! The binding to Lua: all that is `unsafe` in this crate.
//!
//! Lua's errors jump (`longjmp`) from where they are raised to the nearest `lua_pcall`, over whatever lies between. **A Rust
//! frame that is jumped over owns nothing.** This is how that is kept:
//!
//! - Every function of ours that Lua calls goes through [`frame::enter`]: it calls safe code with a [`Frame`], which answers
//!   a `Result`; when that has returned and everything it owned is dropped, the error is raised, by the outermost function,
//!   as the last thing it does.
//! - What a [`Frame`] offers raises no error: it reads and writes without metamethods, checks what it is given, and while it
//!   exists the allocator never refuses. Finalizers, which may run when memory is asked for, end with their own errors (a
//!   change that the build makes to Lua).
//! - The few functions without a `Frame` (`pcall`, the handler of errors, the hook) own nothing.
//!
//! A script that waits for an answer is suspended within [`Frame::ask`] or the hook. Neither owns anything then, nor do their
//! callers, so a machine may be thrown away in the midst of a script.

mod context;
mod ffi;
mod frame;
mod machine;
mod reply;
mod result;
mod setup;

pub use context::{Kind, Registered, Words};
pub(crate) use frame::{Fault, Frame, Outcome, Type, truncated};
pub use machine::{Answer, Function, Machine, Step};
pub(crate) use setup::Globals;
pub use setup::Setup;
