//! Errands: what the node asks the shell to do for a client that waits for it.

use super::here::Door;
use super::{LISTENERS, Server};
use crate::listen::{self, Listener, Unheard};
use crate::standing::locale;
use crate::{crash, limits, log, sys, users};
use base::log::Line;
use config::{Config, Id, Runtime};
use mio::Token;
use node::{Errand, Failure, Fault, Input, Meter};
use std::io::{self, Write};
use std::path::Path;

impl Server {
    /// Does what a client waits for, and answers what came of it.
    pub(super) fn errand(&mut self, errand: &Errand) -> Input {
        let read = |text| Failure { directive: None, text };
        let result = match errand {
            Errand::ReadUsers => users::read(&self.node.config.security.aclfile).map_err(read),
            Errand::ReadRandomness(len) => sys::random(*len).map_err(|error| read(sys::reason(&error))),
            _ => return Input::Performed(self.perform_errand(errand)),
        };
        result.map_or_else(|failure| Input::Performed(Err(failure)), Input::Read)
    }

    fn perform_errand(&mut self, errand: &Errand) -> Result<(), Failure> {
        match errand {
            // These answer with what they read.
            Errand::ReadUsers | Errand::ReadRandomness(_) => {}
            Errand::WriteUsers(text) => {
                let written = users::write(&self.node.config.security.aclfile, text);
                return written.map_err(|text| Failure { directive: None, text });
            }
            Errand::Sleep(micros) => debugCommand(Trial::Sleep(*micros)),
            Errand::Fail(fault) => debugCommand(Trial::Fail(*fault)),
            Errand::PurgeMemory => crate::figures::purge(),
            Errand::Configure(ids) => return self.configure(ids),
            Errand::Save => return self.save_now(),
            Errand::RewriteConfig { everything } => {
                let rewritten = self.rewrite_config(*everything);
                return rewritten.map_err(|error| Failure { directive: None, text: sys::reason(&error) });
            }
        }
        Ok(())
    }

    /// Follows new settings; or goes back to those that were followed before.
    fn configure(&mut self, ids: &[Id]) -> Result<(), Failure> {
        let result = ids
            .iter()
            .try_for_each(|&id| self.follow(id).map_err(|text| Failure { directive: Some(id), text }));
        let new = self.node.config.clone();
        match result {
            Ok(()) => {
                self.followed = new;
                self.share_out(self.clock.micros());
            }
            Err(_) => {
                self.node.config = self.followed.clone();
                for &id in ids {
                    // These settings have worked before. Where they do not any more, the log says so.
                    let _ = self.follow(id);
                }
                self.node.config = new;
            }
        }
        result
    }

    fn follow(&mut self, id: Id) -> Result<(), String> {
        match id {
            Id::bind => {
                self.listen_anew().map_err(|Unheard| "Failed to bind to specified addresses.".to_owned())
            }
            Id::port => self
                .listen_anew()
                .map_err(|Unheard| "Unable to listen on this port. Check server logs.".to_owned()),
            Id::maxclients => follow_maxclients(&self.node.config),
            Id::dir => {
                let dir = sys::path(&self.node.config.process.dir);
                std::env::set_current_dir(dir).map_err(|error| sys::reason(&error))?;
                self.node.config.process.dir = sys::current_dir();
                Ok(())
            }
            Id::io_threads => {
                let count = self.node.config.process.io_threads as usize - 1;
                self.processors = sys::processors();
                let started = self.threads.have(count, &self.node.lexicon, &self.clock);
                started.map_err(|error| sys::reason(&error))
            }
            Id::jemalloc_bg_thread => {
                crate::alloc::purge_aside(self.node.config.process.jemalloc_bg_thread);
                Ok(())
            }
            Id::proc_title_template => self.standing.show_title(&self.node.config),
            Id::oom_score_adj | Id::oom_score_adj_values => self.standing.set_score(&self.node.config),
            Id::locale_collate => {
                self.node.set_collation(locale::take_up(&self.node.config)?);
                Ok(())
            }
            Id::watchdog_period => crash::follow_watchdog(&self.node.config),
            Id::crash_log_enabled
            | Id::crash_memcheck_enabled
            | Id::hide_user_data_from_log
            | Id::use_exit_on_panic
            | Id::extended_redis_compatibility => {
                crash::follow(&self.node.config);
                Ok(())
            }
            Id::tls_port if self.node.config.tls.tls_port != 0 => {
                Err("Unable to listen on this port. Check server logs.".to_owned())
            }
            // The other settings of TLS say how to do what is not done.
            _ => Ok(()),
        }
    }

    /// Listens on the addresses and port of now instead of those of before. Clients that are in stay.
    fn listen_anew(&mut self) -> Result<(), Unheard> {
        for door in &mut self.doors {
            if matches!(door.listener, Listener::Tcp(_)) {
                door.listener.deregister(self.poll.registry());
            }
        }
        self.doors.retain(|door| !matches!(door.listener, Listener::Tcp(_)));
        let opened = listen::tcp_listeners(&self.node.config)?;
        for (i, listener) in opened.into_iter().enumerate() {
            self.doors.insert(i, Door { listener, waiting: true, crowded: false });
        }
        for (i, door) in self.doors.iter_mut().enumerate() {
            door.listener.deregister(self.poll.registry());
            door.listener.register(self.poll.registry(), Token(LISTENERS + i)).map_err(|_| Unheard)?;
            // Whoever came in between is not announced again.
            door.waiting = true;
        }
        let listeners = self.doors.iter().map(|door| &door.listener);
        self.node.process.listeners = listen::describe(listeners, &self.node.config);
        Ok(())
    }

    /// Writes the settings over the configuration file, so that at no moment there is half a file.
    fn rewrite_config(&self, everything: bool) -> io::Result<()> {
        let path = Path::new(&self.node.process.config_file);
        #[expect(clippy::disallowed_methods, reason = "the configuration file is the shell's")]
        let old = match std::fs::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            read => read?,
        };
        let users = self.node.users.to_declarations();
        let runtime = Runtime { users: &users, everything, ..Runtime::default() };
        let new = self.node.config.rewrite(&old, runtime);
        let mut beside = path.as_os_str().to_owned();
        beside.push(format!(".{}.tmp", std::process::id()));
        let written = replace(path, Path::new(&beside), &new);
        if let Err(error) = &written {
            let _ = std::fs::remove_file(&beside);
            let text = format!("Could not write the configuration file ({})", sys::reason(error));
            log::write(&self.node.config, &Line::warning(text));
        }
        written
    }
}

/// What DEBUG tries on the process.
#[derive(Clone, Copy)]
enum Trial {
    Sleep(u64),
    Fail(Fault),
}

/// Performs what DEBUG asks for. Quirk: the name is not of our making. Those who read crash reports, and the reference's
/// tests, look for it in stack traces.
#[expect(non_snake_case, reason = "see above")]
#[inline(never)]
fn debugCommand(trial: Trial) {
    match trial {
        Trial::Sleep(micros) => sys::sleep(micros),
        Trial::Fail(Fault::Segfault) => sys::segfault(),
        Trial::Fail(Fault::Panic) => panic!("DEBUG PANIC called"),
        Trial::Fail(Fault::Assertion) => assert!(std::hint::black_box(1) == 2),
    }
}

/// Puts a new file in the place of an old one.
fn replace(path: &Path, beside: &Path, text: &[u8]) -> io::Result<()> {
    #[expect(clippy::disallowed_methods, reason = "the configuration file is the shell's")]
    let mut file = std::fs::File::create(beside)?;
    file.write_all(text)?;
    if let Ok(old) = std::fs::metadata(path) {
        file.set_permissions(old.permissions())?;
    }
    file.sync_all()?;
    std::fs::rename(beside, path)?;
    #[expect(clippy::disallowed_methods, reason = "the configuration file is the shell's")]
    let directory = std::fs::File::open(
        path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new(".")),
    )?;
    directory.sync_all()
}

/// Makes room for as many clients as may come.
fn follow_maxclients(config: &Config) -> Result<(), String> {
    let wanted = config.network.maxclients;
    let granted = limits::make_room(config);
    if granted < wanted {
        let text = "The operating system is not able to handle the specified number of clients, try with";
        return Err(format!("{text} {granted}"));
    }
    Ok(())
}
