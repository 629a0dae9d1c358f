//! Init systems that start the server and want to hear when it is ready.

use crate::{log, sys};
use base::log::Line;
use config::{Config, Supervision};
use std::ffi::OsString;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

/// Who supervises the process.
pub(super) enum Supervisor {
    /// Has been told already, by a stop.
    Upstart,
    /// Hears through a socket.
    Systemd(OsString),
}

/// Finds the supervisor that the configuration names, or whichever left its mark in the environment.
pub(super) fn detect(config: &Config) -> Option<Supervisor> {
    let mode = match config.process.supervised {
        Supervision::Auto if std::env::var_os("UPSTART_JOB").is_some() => {
            log::write(config, &Line::verbose("Upstart supervision detected."));
            Supervision::Upstart
        }
        Supervision::Auto if std::env::var_os("NOTIFY_SOCKET").is_some() => {
            log::write(config, &Line::verbose("Systemd supervision detected."));
            Supervision::Systemd
        }
        mode => mode,
    };
    match mode {
        Supervision::Upstart => upstart(config),
        Supervision::Systemd => systemd(config),
        Supervision::Auto | Supervision::No => None,
    }
}

fn upstart(config: &Config) -> Option<Supervisor> {
    if std::env::var_os("UPSTART_JOB").is_none() {
        let text = "upstart supervision requested, but UPSTART_JOB not found!";
        log::write(config, &Line::warning(text));
        return None;
    }
    log::write(config, &Line::notice("supervised by upstart, will stop to signal readiness."));
    // SAFETY: the signal stops this process until upstart lets it go on.
    unsafe { libc::raise(libc::SIGSTOP) };
    Some(Supervisor::Upstart)
}

fn systemd(config: &Config) -> Option<Supervisor> {
    let Some(socket) = std::env::var_os("NOTIFY_SOCKET") else {
        let text = "systemd supervision requested, but NOTIFY_SOCKET not found!";
        log::write(config, &Line::warning(text));
        return None;
    };
    let supervisor = Supervisor::Systemd(socket);
    if let Err(error) = supervisor.tell("STATUS=Valkey is loading...\n") {
        let text = format!("Can't talk to systemd: {}", sys::reason(&error));
        log::write(config, &Line::warning(text));
        return None;
    }
    let text = "Supervised by systemd. Please make sure you set appropriate values for TimeoutStartSec and \
                TimeoutStopSec in your service unit.";
    log::write(config, &Line::notice(text));
    Some(supervisor)
}

impl Supervisor {
    /// The name that INFO shows.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Supervisor::Upstart => "upstart",
            Supervisor::Systemd(_) => "systemd",
        }
    }

    /// The server accepts clients.
    pub(super) fn ready(&self) {
        let _ = self.tell("STATUS=Ready to accept connections\nREADY=1\n");
    }

    /// The server is about to end.
    pub(super) fn stopping(&self) {
        let _ = self.tell("STOPPING=1\n");
    }

    fn tell(&self, text: &str) -> std::io::Result<()> {
        let Supervisor::Systemd(socket) = self else { return Ok(()) };
        // A leading @ stands for a name that is no file's.
        let address = match socket.as_bytes() {
            [b'@', name @ ..] => SocketAddr::from_abstract_name(name)?,
            path => SocketAddr::from_pathname(sys::path(path))?,
        };
        UnixDatagram::unbound()?.send_to_addr(text.as_bytes(), &address)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systemd_hears_through_an_abstract_socket() {
        let name = format!("valkey-test-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(name.as_bytes()).unwrap();
        let systemd = UnixDatagram::bind_addr(&address).unwrap();
        Supervisor::Systemd(format!("@{name}").into()).ready();
        let mut heard = [0; 100];
        let length = systemd.recv(&mut heard).unwrap();
        assert_eq!(&heard[..length], b"STATUS=Ready to accept connections\nREADY=1\n");
    }
}
