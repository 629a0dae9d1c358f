//! Asking the memory for a cache line that will be read soon, and going on meanwhile.

const LINE: usize = 64;

/// Asks for all of a value.
#[inline]
pub fn prefetch_value<T>(value: &T) {
    let address: *const u8 = (&raw const *value).cast();
    (0..size_of::<T>()).step_by(LINE).for_each(|offset| prefetch(address.wrapping_add(offset)));
}

/// Asks for the last item of a slice.
#[inline]
pub(crate) fn prefetch_last<T>(items: &[T]) {
    prefetch(items.as_ptr().wrapping_add(items.len().saturating_sub(1)).cast());
}

/// Asks for the line at an address. Any address is allowed.
#[inline(always)]
pub(crate) fn prefetch(address: *const u8) {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    // SAFETY: a prefetch reads nothing in the sense of the language and faults on no address.
    unsafe {
        std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(address.cast());
    }
    #[cfg(all(target_arch = "aarch64", not(miri)))]
    // SAFETY: as above.
    unsafe {
        std::arch::asm!("prfm pldl1keep, [{}]", in(reg) address, options(nostack, preserves_flags, readonly));
    }
    #[cfg(any(miri, not(any(target_arch = "x86_64", target_arch = "aarch64"))))]
    let _ = address;
}
