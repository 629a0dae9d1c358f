//! Tidy: the habits of this house, checked as tests, so that nobody has to remember them in a review.
//!
//! Every check reads text: manifests and `.rs` files. None of them understands Rust beyond what `source` strips away
//! (comments, literals, test modules), which is enough for rules about shape, and quick. A check collects all it finds
//! before it fails, so that one run shows the whole list.
#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::unwrap_used)] // reads the source tree from disk

mod circles;
mod directives;
mod layers;
mod safety;
mod shape;
mod source;
mod words;

/// Fails with the rule and every place that breaks it.
fn report(rule: &str, findings: &[String]) {
    assert!(findings.is_empty(), "\n\n{rule}\n\n  {}\n", findings.join("\n  "));
}
