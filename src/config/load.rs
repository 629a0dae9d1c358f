//! Loading: the configuration's text, line by line, into settings.
//!
//! ```text
//!   # comment                      blank lines and lines that start with # say nothing
//!   directive argument argument    words as `base::escape` cuts them; the directive's name in any case
//!   include /etc/valkey/*.conf     the files' lines stand here
//!   module.setting value           kept for the module
//! ```
//!
//! Later lines win, except that `save`, `client-output-buffer-limit`, `rename-command`, `user` and `loadmodule` add up.

use crate::error::{LoadError, Reason};
use crate::form::Source;
use crate::lookup::lookup;
use crate::row::Flag;
use crate::table::{Config, Id, Row};
use crate::words::{trim, until_nul};
use base::escape::split_args as split;

/// What a configuration may ask of the world while it is read.
pub trait Surroundings {
    /// The text of an included file, or of all that a pattern with `*`, `?` or `[` matches, which may be none; or the
    /// line to log because a file cannot be read.
    fn include(&mut self, path: &[u8]) -> Result<Vec<u8>, Vec<u8>>;

    /// Makes `path` the working directory, for later includes too, and tells its absolute path.
    fn enter(&mut self, path: &[u8]) -> Result<Vec<u8>, Reason>;

    /// Renames a command, or takes it away if `to` is empty.
    fn rename_command(&mut self, _from: &[u8], _to: &[u8]) -> Result<(), Reason> {
        Ok(())
    }

    /// Checks the declaration of a user: the name and its rules.
    fn declare_user(&mut self, _words: &[Vec<u8>]) -> Result<(), Reason> {
        Ok(())
    }
}

/// A world without files, where every directory can be entered.
pub struct NoSurroundings;

impl Surroundings for NoSurroundings {
    fn include(&mut self, path: &[u8]) -> Result<Vec<u8>, Vec<u8>> {
        let path = String::from_utf8_lossy(path);
        Err(format!("Fatal error, can't open config file '{path}': No such file or directory").into_bytes())
    }

    fn enter(&mut self, path: &[u8]) -> Result<Vec<u8>, Reason> {
        Ok(path.to_vec())
    }
}

/// How deep includes may nest. A file that includes itself ends here.
const MAX_DEPTH: usize = 32;

/// Directives of older servers that are read and ignored.
const RETIRED: [&[u8]; 5] = [
    b"list-max-ziplist-entries",
    b"list-max-ziplist-value",
    b"lua-replicate-commands",
    b"io-threads-do-reads",
    b"dynamic-hz",
];

impl Config {
    /// Reads the text of a configuration over these settings. After an error they are half changed, and of no use.
    pub fn load(&mut self, text: &[u8], surroundings: &mut dyn Surroundings) -> Result<(), LoadError> {
        let mut loader = Loader { config: self, surroundings, depth: 0, save_met: false, in_file: true };
        loader.text(text)
    }
}

struct Loader<'a> {
    config: &'a mut Config,
    surroundings: &'a mut dyn Surroundings,
    depth: usize,
    /// Whether a line has dropped the default of `save`.
    save_met: bool,
    /// Whether directives that accumulate do. An include ends that (a quirk kept): behind one, a `save` line in the
    /// including file replaces what came before.
    in_file: bool,
}

/// An error in a line, before the line's number is known.
enum LineError {
    Here(Reason),
    /// From within an included file, complete.
    Included(LoadError),
}

impl<R: Into<Reason>> From<R> for LineError {
    fn from(reason: R) -> Self {
        Self::Here(reason.into())
    }
}

impl Loader<'_> {
    fn text(&mut self, text: &[u8]) -> Result<(), LoadError> {
        self.in_file = true;
        for (index, line) in text.split(|&byte| byte == b'\n').enumerate() {
            let line = trim(until_nul(line));
            if matches!(line, [] | [b'#', ..]) {
                continue;
            }
            self.line(line).map_err(|error| match error {
                LineError::Here(reason) => LoadError::Line { number: index + 1, line: line.to_vec(), reason },
                LineError::Included(error) => error,
            })?;
        }
        if self.config.cluster.cluster_enabled && self.config.replication.replicaof.is_some() {
            return Err(LoadError::Whole("replicaof directive not allowed in cluster mode".into()));
        }
        self.in_file = false;
        Ok(())
    }

    fn line(&mut self, line: &[u8]) -> Result<(), LineError> {
        let words = split(line).ok_or("Unbalanced quotes in configuration line")?;
        let Some((name, args)) = words.split_first() else { return Ok(()) };
        if let Some(row) = lookup(name) {
            return self.directive(row, args);
        }
        let name = name.to_ascii_lowercase();
        if RETIRED.contains(&name.as_slice()) && args.len() == 1 {
            return Ok(());
        }
        let declared = &mut self.config.declared;
        match (name.as_slice(), args) {
            (b"include", [path]) => self.include(path)?,
            (b"rename-command", [from, to]) => {
                self.surroundings.rename_command(from, to)?;
                declared.renamed_commands.push((from.clone(), to.clone()));
            }
            (b"user", [_, ..]) => {
                self.surroundings.declare_user(args)?;
                declared.users.push(args.to_vec());
            }
            (b"loadmodule", [_, ..]) => declared.modules.push(args.to_vec()),
            (name, []) if name.contains(&b'.') => return Err("Module config specified without value".into()),
            (name, _) if name.contains(&b'.') => {
                declared.module_settings.retain(|(known, _)| known != name);
                declared.module_settings.push((name.to_vec(), args.join(&b' ')));
            }
            (b"sentinel", []) => {}
            (b"sentinel", _) => return Err("sentinel directive while not in sentinel mode".into()),
            _ => return Err("Bad directive or wrong number of arguments".into()),
        }
        Ok(())
    }

    fn include(&mut self, path: &[u8]) -> Result<(), LineError> {
        if self.depth == MAX_DEPTH {
            return Err("Too many nested include directives".into());
        }
        let text =
            self.surroundings.include(path).map_err(|log| LineError::Included(LoadError::Unreadable(log)))?;
        self.depth += 1;
        self.text(&text).map_err(LineError::Included)?;
        self.depth -= 1;
        Ok(())
    }

    fn directive(&mut self, row: &Row, args: &[Vec<u8>]) -> Result<(), LineError> {
        let multi = row.has(Flag::Multi);
        let again;
        let args = match args {
            // A single argument may hold them all, as in `--save "60 1 300 10"`. One that cannot be cut counts as none.
            [only] if multi && !only.is_empty() => {
                again = split(only).unwrap_or_default();
                &again
            }
            [_] => args,
            _ if multi => args,
            _ => return Err("wrong number of arguments".into()),
        };
        let args: Vec<&[u8]> = args.iter().map(Vec::as_slice).collect();
        let source = if self.in_file { Source::File { first: !self.save_met } } else { Source::Command };
        row.directive.assign(self.config, &args, source)?;
        match row.id {
            Id::save if self.in_file => self.save_met = true,
            Id::dir => self.config.process.dir = self.surroundings.enter(&self.config.process.dir)?,
            _ => {}
        }
        Ok(())
    }
}
