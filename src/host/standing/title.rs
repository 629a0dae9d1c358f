//! What the process is called in `ps`.
//!
//! Linux shows the memory in which a process was handed its arguments, and goes on into that of its environment when the
//! last byte of the arguments is no longer a NUL. Both lie side by side:
//!
//! ```text
//! arg_start            arg_end = env_start                       env_end
//! | ./valkey-server\0 --port\0 7000\0 | PATH=/usr/bin\0 HOME=/root\0 |
//! | valkey-server *:7000\0 \0\0\0\0\0\0 ...                          |
//! ```
//!
//! So the environment is moved elsewhere first, and the title is cut where this memory ends.

use config::Config;
use std::ffi::OsString;

/// The memory of the title, and what its template is filled in with.
pub(super) struct Title {
    start: *mut u8,
    length: usize,
    name: Vec<u8>,
    config_file: Vec<u8>,
}

// SAFETY: the memory belongs to this value alone, as `take` has it, and is written by `show` through the one owner.
unsafe impl Send for Title {}

impl Title {
    /// Takes the memory of arguments and environment over; `None` where the system does not tell where they lie.
    ///
    /// # Safety
    ///
    /// No other thread may run yet, and nobody may hold pointers to arguments or environment.
    pub(super) unsafe fn take(name: &[u8], config_file: &[u8]) -> Option<Title> {
        let (start, end) = place()?;
        let variables: Vec<(OsString, OsString)> = std::env::vars_os().collect();
        // SAFETY: no other thread runs that could read the environment meanwhile.
        unsafe {
            // Cleared first, so that the C library forgets the old pointers, even of what it cannot parse.
            libc::clearenv();
            for (name, value) in variables {
                std::env::set_var(name, value);
            }
        }
        let length = end.checked_sub(start).filter(|&length| length > 1)?;
        Some(Title {
            start: start as *mut u8,
            length,
            name: name.to_vec(),
            config_file: config_file.to_vec(),
        })
    }

    /// Writes the title that the template makes of `name`, or else of the name that the process was started by.
    pub(super) fn show(&self, config: &Config, name: Option<&[u8]>) -> Result<(), String> {
        let template = &config.process.proc_title_template;
        let name = name.unwrap_or(&self.name);
        let title = config::expand_proc_title(template, config, name, &self.config_file)
            .ok_or("failed to set process title")?;
        let shown = title.len().min(self.length - 1);
        // SAFETY: the memory from `start` on is `length` bytes that the kernel mapped for arguments and environment, which
        // are read and written by nobody else any more. At least one NUL stays behind the title.
        unsafe {
            std::ptr::write_bytes(self.start, 0, self.length);
            std::ptr::copy_nonoverlapping(title.as_ptr(), self.start, shown);
        }
        Ok(())
    }
}

/// Where arguments and environment lie, as the kernel says: fields 48 to 51 of `/proc/self/stat`.
fn place() -> Option<(usize, usize)> {
    #[expect(clippy::disallowed_methods, reason = "this is the shell")]
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program stands in brackets and may hold anything; the third field follows it.
    let (_, rest) = stat.rsplit_once(')')?;
    let fields: Vec<usize> =
        rest.split_whitespace().skip(45).take(4).filter_map(|field| field.parse().ok()).collect();
    match fields[..] {
        [start, arg_end, env_start, env_end] if arg_end == env_start && start < env_end => {
            Some((start, env_end))
        }
        [start, arg_end, ..] if start < arg_end => Some((start, arg_end)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_lie_where_the_kernel_says() {
        let (start, end) = place().unwrap();
        let name = std::env::args().next().unwrap();
        assert!(end - start > name.len());
        // SAFETY: the memory holds the arguments, which nobody changes in this test.
        let seen = unsafe { std::slice::from_raw_parts(start as *const u8, name.len()) };
        assert_eq!(seen, name.as_bytes());
    }
}
