//! The first line of a script or library, if it begins with `#!`: in which language it is, its name, and its flags.
//!
//! ```text
//! #!lua flags=no-writes,allow-stale        a script
//! #!lua name=mylib                         a library
//! ```

use base::escape;

/// What a script promises or asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(u8);

impl Flags {
    /// It writes nothing.
    pub const NO_WRITES: Flags = Flags(1);
    /// It may run when memory is short.
    pub const ALLOW_OOM: Flags = Flags(2);
    /// It may run on a replica whose data is out of date.
    pub const ALLOW_STALE: Flags = Flags(4);
    /// It must not run in a cluster.
    pub const NO_CLUSTER: Flags = Flags(8);
    /// Its keys may lie in several slots.
    pub(crate) const ALLOW_CROSS_SLOT: Flags = Flags(16);
    /// It has no line that says anything of it, and is treated as scripts were before there were such lines.
    pub const UNDECLARED: Flags = Flags(32);

    const NAMED: [(&'static str, Flags); 5] = [
        ("no-writes", Flags::NO_WRITES),
        ("allow-oom", Flags::ALLOW_OOM),
        ("allow-stale", Flags::ALLOW_STALE),
        ("no-cluster", Flags::NO_CLUSTER),
        ("allow-cross-slot-keys", Flags::ALLOW_CROSS_SLOT),
    ];

    /// Whether it has these.
    pub fn has(self, other: Flags) -> bool {
        self.0 & other.0 == other.0
    }

    /// With these too.
    #[must_use]
    pub fn with(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }

    /// The flag of a name in lower case.
    pub(crate) fn by_name(name: &[u8]) -> Option<Flags> {
        Flags::NAMED.iter().find(|(named, _)| named.as_bytes() == name).map(|(_, flag)| *flag)
    }

    /// The names of those that it has.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Flags::NAMED.iter().filter(move |(_, flag)| self.has(*flag)).map(|(name, _)| *name)
    }
}

/// What is wrong with a first line, as the client hears it.
pub type ShebangError = Vec<u8>;

/// The first line of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shebang {
    /// The language.
    pub engine: Vec<u8>,
    /// The flags.
    pub flags: Flags,
    /// How long the line is, its end left out: what follows is compiled, so that lines keep their numbers.
    pub len: usize,
}

/// The words of the line that a body begins with, and its length.
pub(crate) fn words(body: &[u8]) -> Option<(Option<Vec<Vec<u8>>>, usize)> {
    let end = body.iter().position(|&byte| byte == b'\n' || byte == 0).filter(|&at| body[at] == b'\n')?;
    Some((escape::split_args(&body[..end]).filter(|words| !words.is_empty()), end))
}

impl Shebang {
    /// Reads the first line of a script.
    pub fn of(body: &[u8]) -> Result<Shebang, ShebangError> {
        if !body.starts_with(b"#!") {
            return Ok(Shebang { engine: b"lua".to_vec(), flags: Flags::UNDECLARED, len: 0 });
        }
        let (words, len) = words(body).ok_or("Invalid script shebang")?;
        let words = words.ok_or("Invalid engine in script shebang")?;
        let mut flags = Flags::default();
        for word in &words[1..] {
            let Some(names) = word.strip_prefix(b"flags=") else {
                return Err([b"Unknown lua shebang option: ".as_slice(), word].concat());
            };
            if names.is_empty() {
                continue;
            }
            for name in names.split(|&byte| byte == b',') {
                let flag = Flags::by_name(name)
                    .ok_or_else(|| [b"Unexpected flag in script shebang: ".as_slice(), name].concat())?;
                flags = flags.with(flag);
            }
        }
        Ok(Shebang { engine: words[0].get(2..).unwrap_or_default().to_vec(), flags, len })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(body: &str) -> String {
        String::from_utf8(Shebang::of(body.as_bytes()).unwrap_err()).unwrap()
    }

    #[test]
    fn first_lines_of_scripts() {
        let plain = Shebang::of(b"return 1").unwrap();
        assert_eq!((plain.flags, plain.len), (Flags::UNDECLARED, 0));
        let bare = Shebang::of(b"#!lua\nreturn 1").unwrap();
        assert_eq!((bare.engine.as_slice(), bare.flags, bare.len), (b"lua".as_slice(), Flags::default(), 5));
        let both = Shebang::of(b"#!lua flags=no-writes,allow-oom\nreturn 1").unwrap();
        assert_eq!(both.flags.names().collect::<Vec<_>>(), ["no-writes", "allow-oom"]);
        assert!(Shebang::of(b"#!lua flags=\nreturn 1").unwrap().flags == Flags::default());
        assert_eq!(failure("#!lua"), "Invalid script shebang");
        assert_eq!(failure("#!lua \"\nreturn 1"), "Invalid engine in script shebang");
        assert_eq!(failure("#!lua name=x\nreturn 1"), "Unknown lua shebang option: name=x");
        assert_eq!(failure("#!lua flags=bad\nreturn 1"), "Unexpected flag in script shebang: bad");
    }
}
