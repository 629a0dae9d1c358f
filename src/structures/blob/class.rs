//! The allocator's size classes.

/// The bytes that an allocation of `size` bytes takes: multiples of 8 up to 64, then four classes a doubling (80, 96,
/// 112, 128, 160, ...). These are jemalloc's classes with a quantum of 8 bytes; another allocator merely wastes the
/// rounding. So does jemalloc since 5.3.1 above 32 KiB, where it goes by pages: there the wider steps, whole pages too,
/// are kept so that appending stays cheap.
#[inline]
pub const fn class_size(size: usize) -> usize {
    // Between 2^n (excluded) and 2^(n+1) the classes are 2^(n-2) apart.
    let doubling = match size.checked_sub(1) {
        Some(below) if below >= 64 => below.ilog2(),
        Some(_) => 5,
        None => return 8,
    };
    let gap = 1usize << (doubling - 2);
    size.saturating_add(gap - 1) & !(gap - 1)
}
