//! What the system allows, and what to warn of.

use crate::{log, sys};
use base::log::Line;
use config::Config;

/// Descriptors for everything that is not a client: files, listeners, links to other servers.
const RESERVED: u64 = 32;

fn get() -> std::io::Result<libc::rlimit> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the kernel fills in a value of ours.
    sys::checked(unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) })?;
    Ok(limit)
}

/// Sets the limit; what an administrator allows is only ever raised, for lowering it could not be undone.
fn set(files: u64) -> std::io::Result<()> {
    let most = get()?.rlim_max.max(files);
    let limit = libc::rlimit { rlim_cur: files, rlim_max: most };
    // SAFETY: the kernel reads a value of ours.
    sys::checked(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) }).map(drop)
}

/// How many files the process may open.
pub fn max_files() -> u64 {
    get().map_or(1024, |limit| limit.rlim_cur)
}

/// Makes room for `maxclients` and says in the log what came of it. Answers how many clients there is room for: as many
/// as are wanted, or fewer, or none.
pub fn make_room(config: &Config) -> u32 {
    let clients = config.network.maxclients;
    let wanted = u64::from(clients) + RESERVED;
    let allowed = match get() {
        Ok(limit) => limit.rlim_cur,
        Err(error) => {
            let text = format!(
                "Unable to obtain the current NOFILE limit ({}), assuming 1024 and setting the max clients \
                 configuration accordingly.",
                sys::reason(&error)
            );
            log::write(config, &Line::warning(text));
            return 1024 - RESERVED as u32;
        }
    };
    if allowed >= wanted {
        return clients;
    }
    let Err((granted, error)) = raise(allowed, wanted) else {
        let text = format!(
            "Increased maximum number of open files to {wanted} (it was originally set to {allowed})."
        );
        log::write(config, &Line::notice(text));
        return clients;
    };
    let room = granted.saturating_sub(RESERVED) as u32;
    if room == 0 {
        let text = format!(
            "Your current 'ulimit -n' of {allowed} is not enough for the server to start. Please increase your \
             open file limit to at least {wanted}. Exiting."
        );
        log::write(config, &Line::warning(text));
        return 0;
    }
    for text in [
        format!("You requested maxclients of {clients} requiring at least {wanted} max file descriptors."),
        format!(
            "Server can't set maximum open files to {wanted} because of OS error: {}.",
            sys::reason(&error)
        ),
        format!(
            "Current maximum open files is {granted}. maxclients has been reduced to {room} to compensate for low \
             ulimit. If you need higher maxclients increase 'ulimit -n'."
        ),
    ] {
        log::write(config, &Line::warning(text));
    }
    room
}

/// Raises the limit to `wanted`, or as near as the system lets it, in steps of 16. Answers how far it came when that is
/// not enough.
fn raise(allowed: u64, wanted: u64) -> Result<(), (u64, std::io::Error)> {
    const STEP: u64 = 16;
    let Err(error) = set(wanted) else { return Ok(()) };
    // So many steps below `wanted` fail, so many do not: nothing has to be raised for the last.
    let (mut fails, mut works) = (0, (wanted - allowed).div_ceil(STEP));
    while works - fails > 1 {
        let middle = fails + (works - fails) / 2;
        if set(wanted - middle * STEP).is_ok() {
            works = middle;
        } else {
            fails = middle;
        }
    }
    Err((allowed.max(wanted - (works * STEP).min(wanted)), error))
}

fn first_number(path: &str) -> Option<i64> {
    #[expect(clippy::disallowed_methods, reason = "the kernel's settings are read by the shell")]
    let text = std::fs::read_to_string(path).ok()?;
    text.split_whitespace().next()?.parse().ok()
}

/// Warns of a backlog that the kernel will cut.
pub fn warn_of_backlog(config: &Config) {
    let backlog = i64::from(config.network.tcp_backlog);
    if let Some(most) =
        first_number("/proc/sys/net/core/somaxconn").filter(|&most| most > 0 && most < backlog)
    {
        let text = format!(
            "WARNING: The TCP backlog setting of {backlog} cannot be enforced because \
             /proc/sys/net/core/somaxconn is set to the lower value of {most}."
        );
        log::write(config, &Line::warning(text));
    }
}
