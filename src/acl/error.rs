//! Why a word of a rule is refused.

/// What is wrong with a rule. The texts are the reference's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleError {
    /// There is no such command or category.
    Unknown,
    /// It is no rule.
    Syntax,
    /// A key pattern, where all keys are allowed already.
    AfterAllKeys,
    /// A channel pattern, where all channels are allowed already.
    AfterAllChannels,
    /// The password to take away is not there.
    NoSuchPassword,
    /// It is not the hash of a password.
    BadHash,
    /// A first argument of a subcommand.
    FirstArgOfSubcommand,
    /// A configuration declares the same user twice.
    Duplicate,
    /// A parenthesis that is not closed.
    Unclosed,
}

impl RuleError {
    /// What a client, or the log, is told.
    pub fn text(self) -> &'static str {
        match self {
            RuleError::Unknown => "Unknown command or category name in ACL",
            RuleError::Syntax => "Syntax error",
            RuleError::AfterAllKeys => {
                "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any \
                 effect. Try 'resetkeys' to start with an empty list of patterns"
            }
            RuleError::AfterAllChannels => {
                "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have any \
                 effect. Try 'resetchannels' to start with an empty list of channels"
            }
            RuleError::NoSuchPassword => "The password you are trying to remove from the user does not exist",
            RuleError::BadHash => {
                "The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters"
            }
            RuleError::FirstArgOfSubcommand => "Allowing first-arg of a subcommand is not supported",
            RuleError::Duplicate => "Duplicate user found. A user can only be defined once in config files",
            RuleError::Unclosed => "Wrong format",
        }
    }
}
