//! Checking a snapshot file: every byte of it is read as a server would, and what was found is told.
//!
//! ```text
//! [offset 0] Checking RDB file dump.rdb
//! [offset 27] AUX FIELD valkey-ver = '9.0.4'             behind each step, how far it came
//! [offset 94] Selecting DB ID 0
//! [offset 120] Checksum OK
//! [offset 120] \o/ RDB looks OK! \o/
//! [info] 3 keys read                                     ... and figures, if asked for: `figures`
//! ```

mod figures;
mod options;
#[cfg(test)]
mod tests;

pub use options::{Options, Request};

use base::siphash;
use figures::Figures;
use keyspace::values::Rules;
use rdb::loader::{Checksum, Entry, Reading, Step};
use rdb::{Event, LoadError, Loader, VERSION, Versions};
use std::io::{self, Read, Write};

/// Versions that are not this server's.
const FOREIGN: std::ops::RangeInclusive<u32> = 12..=79;

/// Reads a file and tells what it finds.
pub struct Checker<'o> {
    options: &'o Options,
    now_ms: i64,
    loader: Loader,
    rules: Rules,
    database: u64,
    keys: u64,
    expires: u64,
    expired: u64,
    libraries: u64,
    scripts: u64,
    figures: Figures,
}

impl<'o> Checker<'o> {
    /// A checker that has read nothing. Keys are held against the time, in Unix milliseconds.
    pub fn new(options: &'o Options, now_ms: i64) -> Checker<'o> {
        let reading = Reading { versions: Versions::Any, checksum: true, skip_modules: true };
        Checker {
            options,
            now_ms,
            loader: Loader::new(reading),
            rules: Rules::default_with(siphash::Key::new(0, 0)),
            database: 0,
            keys: 0,
            expires: 0,
            expired: 0,
            libraries: 0,
            scripts: 0,
            figures: Figures::default(),
        }
    }

    /// Says what is about to be done.
    pub fn begin(&self, out: &mut impl Write) -> io::Result<()> {
        self.say(out, &format!("Checking RDB file {}", self.options.path().display()))
    }

    /// Reads the whole file. Answers whether it is sound.
    pub fn check(&mut self, file: &mut (impl Read + ?Sized), out: &mut impl Write) -> io::Result<bool> {
        let mut announced = false;
        loop {
            let before = self.loader.version();
            let seen = self.step();
            if !announced && let Some(version) = before.or(self.loader.version()) {
                announced = true;
                announce(version, out)?;
            }
            match seen {
                Ok(Seen::Nothing) => {}
                Ok(Seen::Say(text)) => self.say(out, &text)?,
                Ok(Seen::Hungry) => {
                    let count = file.read(self.loader.room())?;
                    self.loader.filled(count);
                }
                Ok(Seen::End(checksum)) => {
                    match checksum {
                        Checksum::Right => self.say(out, "Checksum OK")?,
                        Checksum::Missing => {
                            let text = "RDB file was saved with checksum disabled: no check performed.";
                            self.say(out, text)?;
                        }
                        Checksum::Unread => {}
                    }
                    return Ok(true);
                }
                Err(error) => {
                    self.fail(error, out)?;
                    return Ok(false);
                }
            }
        }
    }

    /// Reads as far as the next thing that is worth a word.
    fn step(&mut self) -> Result<Seen, LoadError> {
        let step = self.loader.next(&self.rules)?;
        let Step::Event(event) = step else { return Ok(Seen::Hungry) };
        let shown = |text: rdb::Text<'_>| String::from_utf8_lossy(&text.into_bytes()).into_owned();
        Ok(match event {
            Event::Aux { name, text } => {
                let (name, text) = (shown(name), shown(text));
                self.scripts += u64::from(name.eq_ignore_ascii_case("lua"));
                Seen::Say(format!("AUX FIELD {name} = '{text}'"))
            }
            Event::Select(number) => {
                self.database = number;
                self.figures.see_database(number);
                Seen::Say(format!("Selecting DB ID {number}"))
            }
            Event::Library(_) => {
                self.libraries += 1;
                Seen::Nothing
            }
            Event::ModuleAux(id) => Seen::Say(format!("MODULE AUX for: {id}")),
            Event::Resize(..) | Event::SlotImport => Seen::Nothing,
            Event::Record(Entry { name, value, told }) => {
                self.keys += 1;
                let expired = told.expiry.is_some_and(|when| when < self.now_ms);
                self.expires += u64::from(told.expiry.is_some());
                self.expired += u64::from(expired);
                if self.options.stats {
                    let key = figures::Key {
                        len: name.into_bytes().len(),
                        expires: told.expiry.is_some(),
                        expired,
                    };
                    self.figures.add(self.database, &key, &value);
                }
                Seen::Nothing
            }
            Event::Module(..) | Event::Empty(_) => {
                self.keys += 1;
                Seen::Nothing
            }
            Event::End(checksum) => Seen::End(checksum),
        })
    }

    /// Says what is wrong, and all that was found before.
    fn fail(&mut self, error: LoadError, out: &mut impl Write) -> io::Result<()> {
        let unknown = |kind, version| match version {
            version if FOREIGN.contains(&version) => {
                format!("Unknown object type {kind} in RDB file with foreign version {version}")
            }
            version if version > u32::from(VERSION) => {
                format!("Unknown object type {kind} in RDB file with future version {version}")
            }
            _ => format!("Invalid object type: {kind}"),
        };
        let unknown = match error {
            LoadError::ForeignType(kind, version) => Some(unknown(kind, version)),
            LoadError::UnknownType(kind) => Some(unknown(kind, self.loader.version().unwrap_or_default())),
            _ => None,
        };
        let mut lines = self.loader.explain(error);
        if let Some(text) = unknown {
            lines[0] = format!("[offset {}] {text}", self.loader.position());
        }
        writeln!(out, "--- RDB ERROR DETECTED ---")?;
        for line in lines {
            writeln!(out, "{line}")?;
        }
        self.show_counts(out)
    }

    /// Says how it went.
    pub fn end(&self, sound: bool, out: &mut impl Write) -> io::Result<()> {
        let code = i32::from(!sound);
        self.say(out, &format!("Check RDB returned error code {code} (0 means success)"))?;
        if !sound {
            return Ok(());
        }
        let version = self.loader.version().unwrap_or_default();
        if FOREIGN.contains(&version) || version > u32::from(VERSION) {
            self.say(out, "\\o/ RDB looks OK, but loading requires config 'rdb-version-check relaxed'")?;
        } else {
            self.say(out, "\\o/ RDB looks OK! \\o/")?;
        }
        self.show_counts(out)
    }

    fn show_counts(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "[info] {} keys read", self.keys)?;
        writeln!(out, "[info] {} expires", self.expires)?;
        writeln!(out, "[info] {} already expired", self.expired)?;
        writeln!(out, "[info] {} functions", self.libraries)?;
        if self.scripts > 0 {
            writeln!(out, "[info] {} lua scripts read", self.scripts)?;
        }
        Ok(())
    }

    /// What was read behind the end of the snapshot, and where that is in the file.
    pub fn rest(&self) -> (Vec<u8>, u64) {
        (self.loader.rest().to_vec(), self.loader.position())
    }

    /// Whether figures were asked for.
    pub fn has_report(&self) -> bool {
        self.options.stats
    }

    /// Writes the figures.
    pub fn report(&self, out: &mut impl Write) -> io::Result<()> {
        self.figures.show(self.options.layout, out)
    }

    /// Says something about the place that was come to.
    fn say(&self, out: &mut impl Write, text: &str) -> io::Result<()> {
        writeln!(out, "[offset {}] {text}", self.loader.position())
    }
}

/// What a step has come to.
enum Seen {
    /// Nothing worth a word.
    Nothing,
    /// Something to be said.
    Say(String),
    /// The end of the bytes that were read.
    Hungry,
    /// The end of the file.
    End(Checksum),
}

/// Says that a file is of another's version. That is known behind the signature.
fn announce(version: u32, out: &mut impl Write) -> io::Result<()> {
    const SIGNATURE: u64 = 9;
    if version > u32::from(VERSION) {
        writeln!(out, "[offset {SIGNATURE}] Future RDB version {version} detected")
    } else if FOREIGN.contains(&version) {
        writeln!(out, "[offset {SIGNATURE}] Foreign RDB version {version} detected")
    } else {
        Ok(())
    }
}
