//! What the processor held when a signal came, and the memory around where it was.

use crate::raw::Log;
use std::ffi::c_void;

/// How many words of the stack are shown, and how many bytes of code to both sides.
const WORDS: usize = 16;
const CODE: usize = 64;

/// What a handler was given of the interrupted thread.
#[derive(Clone, Copy)]
pub(super) struct Context(*mut libc::ucontext_t);

impl Context {
    /// # Safety
    ///
    /// It must be what the kernel gave a handler that has not returned.
    pub(super) unsafe fn new(context: *mut c_void) -> Context {
        Context(context.cast())
    }

    /// The instruction that was run.
    #[cfg(target_arch = "x86_64")]
    pub(super) fn instruction(self) -> usize {
        self.register(libc::REG_RIP) as usize
    }

    /// Makes it look as if another instruction had been run.
    #[cfg(target_arch = "x86_64")]
    pub(super) fn set_instruction(self, address: usize) {
        // SAFETY: as `new` has it, the context is there and nobody else uses it.
        unsafe { (*self.0).uc_mcontext.gregs[libc::REG_RIP as usize] = address as i64 };
    }

    #[cfg(target_arch = "x86_64")]
    fn stack(self) -> usize {
        self.register(libc::REG_RSP) as usize
    }

    #[cfg(target_arch = "x86_64")]
    fn register(self, which: i32) -> i64 {
        // SAFETY: as `new` has it, the context is there; every register that is named lies within the array.
        unsafe { (*self.0).uc_mcontext.gregs[which as usize] }
    }

    /// Writes all registers.
    #[cfg(target_arch = "x86_64")]
    pub(super) fn write(self, log: &Log) {
        let rows = [
            [("RAX", libc::REG_RAX), ("RBX", libc::REG_RBX), ("RCX", libc::REG_RCX), ("RDX", libc::REG_RDX)],
            [("RDI", libc::REG_RDI), ("RSI", libc::REG_RSI), ("RBP", libc::REG_RBP), ("RSP", libc::REG_RSP)],
            [("R8 ", libc::REG_R8), ("R9 ", libc::REG_R9), ("R10", libc::REG_R10), ("R11", libc::REG_R11)],
            [("R12", libc::REG_R12), ("R13", libc::REG_R13), ("R14", libc::REG_R14), ("R15", libc::REG_R15)],
            [
                ("RIP", libc::REG_RIP),
                ("EFL", libc::REG_EFL),
                ("CSG", libc::REG_CSGSFS),
                ("CR2", libc::REG_CR2),
            ],
        ];
        for row in rows {
            let [a, b, c, d] = row.map(|(name, which)| (name, self.register(which)));
            log.text(format_args!(
                "{}:{:016x} {}:{:016x} {}:{:016x} {}:{:016x}\n",
                a.0, a.1, b.0, b.1, c.0, c.1, d.0, d.1
            ));
        }
    }

    #[cfg(target_arch = "aarch64")]
    pub(super) fn instruction(self) -> usize {
        // SAFETY: as `new` has it, the context is there.
        unsafe { (*self.0).uc_mcontext.pc as usize }
    }

    #[cfg(target_arch = "aarch64")]
    pub(super) fn set_instruction(self, address: usize) {
        // SAFETY: as `new` has it, the context is there and nobody else uses it.
        unsafe { (*self.0).uc_mcontext.pc = address as u64 };
    }

    #[cfg(target_arch = "aarch64")]
    fn stack(self) -> usize {
        // SAFETY: as `new` has it, the context is there.
        unsafe { (*self.0).uc_mcontext.sp as usize }
    }

    /// Writes all registers.
    #[cfg(target_arch = "aarch64")]
    pub(super) fn write(self, log: &Log) {
        // SAFETY: as `new` has it, the context is there.
        let machine = unsafe { &(*self.0).uc_mcontext };
        for (i, value) in machine.regs.iter().enumerate() {
            log.text(format_args!("X{i:<2}:{value:016x}{}", if i % 4 == 3 { "\n" } else { " " }));
        }
        log.text(format_args!(
            "SP :{:016x} PC :{:016x} PST:{:016x}\n",
            machine.sp, machine.pc, machine.pstate
        ));
    }

    /// Writes what lies on top of the stack, which may be what users have stored.
    pub(super) fn write_stack(self, log: &Log) {
        let mut words = [0u8; WORDS * 8];
        let stack = self.stack();
        let seen = peek(stack, &mut words);
        for (i, word) in words[..seen].as_chunks::<8>().0.iter().enumerate().rev() {
            log.text(format_args!("({:016x}) -> {:016x}\n", stack + 8 * i, u64::from_ne_bytes(*word)));
        }
    }

    /// Writes the bytes of the code around the instruction.
    pub(super) fn write_code(self, log: &Log) {
        let mut bytes = [0u8; 2 * CODE];
        let from = self.instruction().saturating_sub(CODE);
        let seen = peek(from, &mut bytes);
        if seen == 0 {
            return;
        }
        log.write(b"\n------ DUMPING CODE AROUND EIP ------\n");
        log.text(format_args!("from {from:#x}, the instruction being {CODE} bytes further on:\n"));
        for row in bytes[..seen].chunks(32) {
            for byte in row {
                log.text(format_args!("{byte:02x}"));
            }
            log.write(b"\n");
        }
    }
}

/// Copies memory that may not be there: the kernel looks, by way of a pipe. Answers how many bytes there were.
fn peek(address: usize, into: &mut [u8]) -> usize {
    let mut ends = [0; 2];
    // SAFETY: both ends are ours. The kernel checks the address that it is asked to read from, and writes at most
    // `into.len()` bytes, which a pipe always has room for.
    unsafe {
        if libc::pipe2(ends.as_mut_ptr(), libc::O_NONBLOCK) != 0 {
            return 0;
        }
        let written = libc::write(ends[1], address as *const c_void, into.len());
        let read = if written > 0 { libc::read(ends[0], into.as_mut_ptr().cast(), into.len()) } else { 0 };
        libc::close(ends[0]);
        libc::close(ends[1]);
        usize::try_from(read).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_seen_where_there_is_some() {
        let text = *b"here";
        let mut seen = [0; 4];
        assert_eq!(peek(text.as_ptr() as usize, &mut seen), 4);
        assert_eq!(seen, text);
        assert_eq!(peek(8, &mut seen), 0);
        assert_eq!(peek(usize::MAX - 2, &mut seen), 0);
    }
}
