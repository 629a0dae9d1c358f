//! Log lines as values. The core says what is worth a line; where it goes, and whether, the shell decides.

/// How much a line matters, least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// For who develops the server.
    Debug,
    /// What happens often.
    Verbose,
    /// What an operator wants to know.
    Notice,
    /// What an operator should act on.
    Warning,
}

impl Level {
    /// All levels, least first.
    pub const ALL: [Self; 4] = [Self::Debug, Self::Verbose, Self::Notice, Self::Warning];

    /// The name in the `loglevel` setting.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Verbose => "verbose",
            Self::Notice => "notice",
            Self::Warning => "warning",
        }
    }

    /// The character that marks the level in a line.
    pub const fn mark(self) -> char {
        match self {
            Self::Debug => '.',
            Self::Verbose => '-',
            Self::Notice => '*',
            Self::Warning => '#',
        }
    }
}

/// One line, without time, process or role, which the shell adds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// How much it matters.
    pub level: Level,
    /// What it says.
    pub text: String,
}

impl Line {
    /// A line for who develops the server.
    pub fn debug(text: impl Into<String>) -> Self {
        Self { level: Level::Debug, text: text.into() }
    }

    /// A line about what happens often.
    pub fn verbose(text: impl Into<String>) -> Self {
        Self { level: Level::Verbose, text: text.into() }
    }

    /// A line an operator wants to know.
    pub fn notice(text: impl Into<String>) -> Self {
        Self { level: Level::Notice, text: text.into() }
    }

    /// A line an operator should act on.
    pub fn warning(text: impl Into<String>) -> Self {
        Self { level: Level::Warning, text: text.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_ordered_and_told_apart() {
        assert!(Level::ALL.is_sorted());
        assert_eq!(Level::ALL.map(Level::mark), ['.', '-', '*', '#']);
        let lines = [Line::debug("a"), Line::verbose("a"), Line::notice("a"), Line::warning("a")];
        assert_eq!(lines.map(|line| line.level), Level::ALL);
    }
}
