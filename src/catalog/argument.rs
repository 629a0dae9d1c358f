//! The grammar of a command's arguments, as COMMAND DOCS prints it: a tree of named, typed arguments.
//!
//! It is written with one small function a type (`key("key")`, `word("nx", "NX")`) and methods for the rest. It
//! documents; no command is parsed by it.

/// What an argument is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ArgKind {
    /// Bytes.
    String,
    /// A whole number.
    Integer,
    /// A number with a fraction.
    Double,
    /// A key's name.
    Key,
    /// A glob.
    Pattern,
    /// A time, in seconds or milliseconds since 1970.
    UnixTime,
    /// A word that stands for itself.
    PureToken,
    /// Exactly one of the arguments below it.
    OneOf,
    /// All of the arguments below it.
    Block,
}

impl ArgKind {
    /// The name that COMMAND DOCS prints.
    pub const fn name(self) -> &'static str {
        match self {
            ArgKind::String => "string",
            ArgKind::Integer => "integer",
            ArgKind::Double => "double",
            ArgKind::Key => "key",
            ArgKind::Pattern => "pattern",
            ArgKind::UnixTime => "unix-time",
            ArgKind::PureToken => "pure-token",
            ArgKind::OneOf => "oneof",
            ArgKind::Block => "block",
        }
    }
}

/// One argument, with those below it.
#[derive(Clone, Copy, Debug)]
pub struct Arg {
    /// Its name in the documentation.
    pub name: &'static str,
    /// What it is.
    pub kind: ArgKind,
    /// The word before it, or for a pure token the word itself.
    pub token: Option<&'static str>,
    /// What to print for it where that is not its name. See [`Arg::display_text`].
    pub display: Option<&'static str>,
    /// Which of the command's key specs finds it.
    pub key_spec: Option<u8>,
    /// What it does, where its name does not say it.
    pub summary: Option<&'static str>,
    /// The version that brought it, where younger than the command.
    pub since: Option<&'static str>,
    /// The version that advised against it.
    pub deprecated_since: Option<&'static str>,
    /// Whether it can be left out.
    pub optional: bool,
    /// Whether it can be repeated.
    pub multiple: bool,
    /// Whether a repetition repeats the token too.
    pub multiple_token: bool,
    /// The arguments below it.
    pub args: &'static [Arg],
}

impl Arg {
    const fn new(name: &'static str, kind: ArgKind) -> Arg {
        Arg {
            name,
            kind,
            token: None,
            display: None,
            key_spec: None,
            summary: None,
            since: None,
            deprecated_since: None,
            optional: false,
            multiple: false,
            multiple_token: false,
            args: &[],
        }
    }

    /// What to print for it in a usage line; choices and blocks print their parts instead.
    pub const fn display_text(&self) -> Option<&'static str> {
        match (self.kind, self.display) {
            (ArgKind::OneOf | ArgKind::Block, _) => None,
            (_, Some(text)) => Some(text),
            (_, None) => Some(self.name),
        }
    }

    /// Preceded by this word.
    pub const fn after(mut self, token: &'static str) -> Arg {
        self.token = Some(token);
        self
    }

    /// Printed as this text.
    pub(crate) const fn shown_as(mut self, text: &'static str) -> Arg {
        self.display = Some(text);
        self
    }

    /// Found by the command's key spec of this index (0 unless told).
    pub const fn spec(mut self, index: u8) -> Arg {
        self.key_spec = Some(index);
        self
    }

    /// Explained by this sentence.
    pub const fn summary(mut self, text: &'static str) -> Arg {
        self.summary = Some(text);
        self
    }

    /// Known since this version.
    pub const fn since(mut self, version: &'static str) -> Arg {
        self.since = Some(version);
        self
    }

    /// Advised against since this version.
    pub const fn deprecated(mut self, version: &'static str) -> Arg {
        self.deprecated_since = Some(version);
        self
    }

    /// May be left out.
    pub const fn optional(mut self) -> Arg {
        self.optional = true;
        self
    }

    /// May be repeated.
    pub const fn multiple(mut self) -> Arg {
        self.multiple = true;
        self
    }

    /// May be repeated, its token each time with it.
    pub const fn multiple_token(mut self) -> Arg {
        self.multiple = true;
        self.multiple_token = true;
        self
    }
}

/// The arguments of a command's read-only form: the last one, which says where to store, is left out.
pub(crate) const fn all_but_last(args: &'static [Arg]) -> &'static [Arg] {
    match args.split_last() {
        Some((_, others)) => others,
        None => args,
    }
}

/// A key's name, found by the command's first key spec unless `.spec(n)` says another.
pub const fn key(name: &'static str) -> Arg {
    Arg::new(name, ArgKind::Key).spec(0)
}

/// Bytes.
pub const fn string(name: &'static str) -> Arg {
    Arg::new(name, ArgKind::String)
}

/// A whole number.
pub const fn integer(name: &'static str) -> Arg {
    Arg::new(name, ArgKind::Integer)
}

/// A number with a fraction.
pub const fn double(name: &'static str) -> Arg {
    Arg::new(name, ArgKind::Double)
}

/// A glob.
pub const fn pattern(name: &'static str) -> Arg {
    Arg::new(name, ArgKind::Pattern)
}

/// A point in time.
pub(crate) const fn unix_time(name: &'static str) -> Arg {
    Arg::new(name, ArgKind::UnixTime)
}

/// A word that stands for itself: its name, and how it is written.
pub const fn word(name: &'static str, token: &'static str) -> Arg {
    Arg::new(name, ArgKind::PureToken).after(token)
}

/// Exactly one of these.
pub const fn one_of(name: &'static str, args: &'static [Arg]) -> Arg {
    let mut arg = Arg::new(name, ArgKind::OneOf);
    arg.args = args;
    arg
}

/// All of these.
pub const fn block(name: &'static str, args: &'static [Arg]) -> Arg {
    let mut arg = Arg::new(name, ArgKind::Block);
    arg.args = args;
    arg
}
