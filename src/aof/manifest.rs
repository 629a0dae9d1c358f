//! The manifest: which files there are, of which kind, and in which order they are to be read.
//!
//! ```text
//! file appendonly.aof.2.base.rdb seq 2 type b          the base: at most one
//! file appendonly.aof.1.incr.aof seq 1 type h          history: to be removed, never read
//! file appendonly.aof.2.incr.aof seq 2 type i          increments, to be read in this order
//! ```
//!
//! A line is pairs of a keyword and its value; keywords of later versions are passed over. Names with odd characters are
//! quoted. Invariants: the numbers of the increments rise; no name leads out of the directory.

use base::escape;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The data at one moment.
    Base,
    /// What a later base has made superfluous.
    History,
    /// The writes that came after the base.
    Increment,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name, in the directory of the append-only files.
    pub name: Vec<u8>,
    /// Its number among those of its kind.
    pub number: i64,
    /// What it holds.
    pub kind: Kind,
}

/// All the files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// The base, if there is one.
    pub base: Option<Entry>,
    /// What is to be removed.
    pub history: Vec<Entry>,
    /// What has to be read after the base, in this order. The last one is being written.
    pub increments: Vec<Entry>,
    /// The number of the last base there was.
    last_base: i64,
    /// The number of the last increment there was.
    last_increment: i64,
}

/// Why a text is no manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestError {
    /// The line at fault, counted from 1, and what it says, if it is one line's fault.
    pub line: Option<(usize, Vec<u8>)>,
    /// What is wrong.
    pub what: &'static str,
}

/// The longest line, its end included.
const LONGEST_LINE: usize = 1024;
/// What is said of a line that is none of an entry.
const FORMAT: &str = "Invalid AOF manifest file format";

impl Manifest {
    /// The name of the manifest itself, by the name that all files begin with.
    pub fn file_name(stem: &[u8]) -> Vec<u8> {
        [stem, b".manifest"].concat()
    }

    /// The name under which a new manifest is written before it takes the place of the old one.
    pub fn temporary_name(stem: &[u8]) -> Vec<u8> {
        [b"temp-", stem, b".manifest"].concat()
    }

    /// Where writes gather while the first base is being written.
    pub fn temporary_increment(stem: &[u8]) -> Vec<u8> {
        [b"temp-", stem, b".incr"].concat()
    }

    /// Reads a manifest.
    pub fn parse(text: &[u8]) -> Result<Manifest, ManifestError> {
        let mut manifest = Manifest::default();
        if text.is_empty() {
            return Err(ManifestError { line: None, what: "Found an empty AOF manifest" });
        }
        for (index, line) in text.split_inclusive(|&byte| byte == b'\n').enumerate() {
            if line.starts_with(b"#") {
                continue;
            }
            if !line.ends_with(b"\n") || line.len() > LONGEST_LINE {
                return Err(ManifestError {
                    line: None,
                    what: "The AOF manifest file contains too long line",
                });
            }
            let line = line.trim_ascii();
            let entry =
                Entry::parse(line).and_then(Entry::that_can_be_written).and_then(|entry| manifest.add(entry));
            entry.map_err(|what| ManifestError { line: Some((index + 1, line.to_vec())), what })?;
        }
        Ok(manifest)
    }

    fn add(&mut self, entry: Entry) -> Result<(), &'static str> {
        match entry.kind {
            Kind::Base if self.base.is_some() => return Err("Found duplicate base file information"),
            Kind::Base => {
                self.last_base = entry.number;
                self.base = Some(entry);
            }
            Kind::History => self.history.push(entry),
            Kind::Increment => {
                if entry.number <= self.increments.last().map_or(0, |last| last.number) {
                    return Err("Found a non-monotonic sequence number");
                }
                self.last_increment = entry.number;
                self.increments.push(entry);
            }
        }
        Ok(())
    }

    /// The manifest as text.
    pub fn text(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.base.iter().chain(&self.history).chain(&self.increments).for_each(|entry| entry.write(&mut out));
        out
    }

    /// Whether there is nothing to be read.
    pub fn is_empty(&self) -> bool {
        self.base.is_none() && self.increments.is_empty()
    }

    /// The files to be read, in order.
    pub fn to_read(&self) -> impl Iterator<Item = &Entry> {
        self.base.iter().chain(&self.increments)
    }

    /// Makes a file of an older version, which was the only one, the base.
    pub fn adopt(&mut self, name: &[u8]) {
        self.base = Some(Entry { name: name.to_vec(), number: 1, kind: Kind::Base });
        self.last_base = 1;
    }

    /// Puts a new base in the place of the old one, and answers its name.
    pub fn new_base(&mut self, stem: &[u8], snapshot: bool) -> Vec<u8> {
        if let Some(old) = self.base.take() {
            self.history.insert(0, Entry { kind: Kind::History, ..old });
        }
        self.last_base = self.last_base.saturating_add(1);
        let format = if snapshot { "rdb" } else { "aof" };
        let name = [stem, format!(".{}.base.{format}", self.last_base).as_bytes()].concat();
        self.base = Some(Entry { name: name.clone(), number: self.last_base, kind: Kind::Base });
        name
    }

    /// Adds an increment, and answers its name.
    pub fn new_increment(&mut self, stem: &[u8]) -> Vec<u8> {
        self.last_increment = self.last_increment.saturating_add(1);
        let name = [stem, format!(".{}.incr.aof", self.last_increment).as_bytes()].concat();
        let number = self.last_increment;
        self.increments.push(Entry { name: name.clone(), number, kind: Kind::Increment });
        name
    }

    /// Makes increments history that a new base holds: all, or all but the last, which is being written.
    pub fn retire_increments(&mut self, keep_last: bool) {
        let retired = self.increments.len() - usize::from(keep_last && !self.increments.is_empty());
        for old in self.increments.drain(..retired).rev() {
            self.history.insert(0, Entry { kind: Kind::History, ..old });
        }
    }
}

impl Entry {
    fn parse(line: &[u8]) -> Result<Entry, &'static str> {
        let words = escape::split_args(line).filter(|words| words.len() >= 6 && words.len() % 2 == 0);
        let words = words.ok_or(FORMAT)?;
        let (mut name, mut number, mut kind) = (None, 0, None);
        for pair in words.chunks(2) {
            match pair[0].to_ascii_lowercase().as_slice() {
                b"file" if pair[1].iter().any(|byte| matches!(byte, b'/' | b'\\' | 0)) => {
                    return Err("File can't be a path, just a filename");
                }
                b"file" => name = Some(&pair[1]).filter(|name| !name.is_empty()),
                b"seq" => number = i64::try_from(base::int::leading_u64(&pair[1])).unwrap_or(0),
                b"type" => kind = pair[1].first().copied(),
                _ => {}
            }
        }
        let (Some(name), Some(kind), 1..) = (name, kind, number) else { return Err(FORMAT) };
        let kind = match kind {
            b'b' => Kind::Base,
            b'h' => Kind::History,
            b'i' => Kind::Increment,
            _ => return Err("Unknown AOF file type"),
        };
        Ok(Entry { name: name.clone(), number, kind })
    }

    /// The entry, if the line that says it is not too long to be read again: odd characters take more room in quotes.
    fn that_can_be_written(self) -> Result<Entry, &'static str> {
        let mut line = Vec::new();
        self.write(&mut line);
        if line.len() > LONGEST_LINE { Err(FORMAT) } else { Ok(self) }
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"file ");
        // The reference writes a single quote as it is, and then cannot read the line.
        if escape::needs_quotes(&self.name) || self.name.contains(&b'\'') {
            escape::quote(out, &self.name);
        } else {
            out.extend_from_slice(&self.name);
        }
        let kind = match self.kind {
            Kind::Base => 'b',
            Kind::History => 'h',
            Kind::Increment => 'i',
        };
        out.extend_from_slice(format!(" seq {} type {kind}\n", self.number).as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn error(text: &str) -> &'static str {
        Manifest::parse(text.as_bytes()).unwrap_err().what
    }

    #[test]
    fn a_manifest_lists_base_history_and_increments() {
        let text = "file a.2.base.rdb seq 2 type b\nfile a.1.incr.aof seq 1 type h\n\
                    file a.2.incr.aof seq 2 type i\nfile a.3.incr.aof seq 3 type i\n";
        let mut manifest = Manifest::parse(text.as_bytes()).unwrap();
        assert_eq!(manifest.text(), text.as_bytes());
        assert_eq!(manifest.to_read().count(), 3);
        assert_eq!(manifest.new_increment(b"a"), b"a.4.incr.aof");
        assert_eq!(manifest.new_base(b"a", false), b"a.3.base.aof");
        manifest.retire_increments(true);
        assert_eq!(
            String::from_utf8(manifest.text()).unwrap(),
            "file a.3.base.aof seq 3 type b\nfile a.2.incr.aof seq 2 type h\nfile a.3.incr.aof seq 3 type h\n\
             file a.2.base.rdb seq 2 type h\nfile a.1.incr.aof seq 1 type h\nfile a.4.incr.aof seq 4 type i\n"
        );
    }

    #[test]
    fn comments_and_later_keywords_are_passed_over_and_names_unquoted() {
        let text = "# of whom\nfile \"a b\" seq 1x type base later thing\n";
        let manifest = Manifest::parse(text.as_bytes()).unwrap();
        assert_eq!(manifest.base.as_ref().unwrap().name, b"a b");
        assert_eq!(manifest.text(), b"file \"a b\" seq 1 type b\n");
        let manifest = Manifest::parse(b"file 'it\\'s' seq 1 type b\n").unwrap();
        assert_eq!(Manifest::parse(&manifest.text()).unwrap(), manifest, "a quote within a name");
    }

    #[test]
    fn what_is_no_manifest_is_refused_with_its_reason() {
        assert_eq!(error(""), "Found an empty AOF manifest");
        assert_eq!(error("\n"), "Invalid AOF manifest file format");
        assert_eq!(error("file a seq 1 type b"), "The AOF manifest file contains too long line");
        assert_eq!(error("file a seq 0 type b\n"), "Invalid AOF manifest file format");
        assert_eq!(error("file a seq 1 type\n"), "Invalid AOF manifest file format");
        assert_eq!(error("file ../a seq 1 type b\n"), "File can't be a path, just a filename");
        assert_eq!(error("file a seq 1 type x\n"), "Unknown AOF file type");
        let odd = format!("file \"{}\" seq 1 type b\n", "\u{1}".repeat(300));
        assert_eq!(
            error(&odd),
            "Invalid AOF manifest file format",
            "it could not be read any more when written again"
        );
        let twice = "file a seq 1 type b\nfile b seq 2 type b\n";
        assert_eq!(error(twice), "Found duplicate base file information");
        let falling = "file a seq 2 type i\nfile b seq 1 type i\n";
        let error = Manifest::parse(falling.as_bytes()).unwrap_err();
        assert_eq!(error.what, "Found a non-monotonic sequence number");
        assert_eq!(error.line, Some((2, b"file b seq 1 type i".to_vec())));
    }

    proptest! {
        #[test]
        fn any_text_is_taken_or_refused(text in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(manifest) = Manifest::parse(&text) {
                prop_assert_eq!(Manifest::parse(&manifest.text()).map(|again| again.text()).ok(),
                    (!manifest.text().is_empty()).then(|| manifest.text()));
            }
        }
    }
}
