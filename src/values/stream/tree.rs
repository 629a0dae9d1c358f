//! How many nodes the reference's radix tree would have. It keys the nodes of a stream by their first IDs, sixteen bytes
//! from the highest, and shows its size in `XINFO STREAM`.
//!
//! In such a tree a run of bytes without a branch is one node, each branch is one, and each key ends in one of its own.

const BYTES: usize = 16;

/// The nodes of a radix tree of these keys, which are sorted and differ.
pub(super) fn radix_nodes(keys: &[u128]) -> usize {
    if keys.is_empty() { 1 } else { below(keys, 0) }
}

/// The nodes of the part where all keys share their first `depth` bytes.
fn below(keys: &[u128], depth: usize) -> usize {
    let (Some(first), Some(last)) = (keys.first(), keys.last()) else { return 0 };
    let shared = (first ^ last).leading_zeros() as usize / 8;
    let run = usize::from(shared > depth);
    if shared == BYTES {
        return run + 1;
    }
    let byte = |key: u128| (key >> (8 * (BYTES - 1 - shared))) as u8;
    let branches = keys.chunk_by(|a, b| byte(*a) == byte(*b));
    run + 1 + branches.map(|branch| below(branch, shared + 1)).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::radix_nodes;

    #[test]
    fn runs_branches_and_ends_are_counted() {
        assert_eq!(radix_nodes(&[]), 1, "an empty tree has a root");
        assert_eq!(radix_nodes(&[7]), 2, "a run and its end");
        assert_eq!(radix_nodes(&[7, 8]), 4, "a run, a branch and two ends");
        assert_eq!(radix_nodes(&[0x0001, 0x0101]), 6, "each branch goes on in a run");
        assert_eq!(radix_nodes(&[1, 1 << 127]), 5, "the branch is the root");
    }
}
