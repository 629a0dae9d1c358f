//! What a command answers when the client is at fault: one table of texts, each beginning with its code.

use std::borrow::Cow;

/// An error reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandError(pub Cow<'static, [u8]>);

impl CommandError {
    const fn new(text: &'static str) -> CommandError {
        CommandError(Cow::Borrowed(text.as_bytes()))
    }

    /// An error of the usual code with a text made for the occasion.
    pub fn of(text: impl AsRef<[u8]>) -> CommandError {
        CommandError(Cow::Owned([b"ERR ", text.as_ref()].concat()))
    }

    /// Something went wrong that the log tells of, and the client is not told.
    pub const BARE: CommandError = CommandError::new("ERR");
    /// The command expects another type of value.
    pub(crate) const WRONG_TYPE: CommandError =
        CommandError::new("WRONGTYPE Operation against a key holding the wrong kind of value");
    /// The arguments do not follow the command's grammar.
    pub const SYNTAX: CommandError = CommandError::new("ERR syntax error");
    /// A number was expected.
    pub const NOT_AN_INTEGER: CommandError = CommandError::new("ERR value is not an integer or out of range");
    /// A floating-point number was expected.
    pub(crate) const NOT_A_FLOAT: CommandError = CommandError::new("ERR value is not a valid float");
    /// A key was expected to be there.
    pub const NO_SUCH_KEY: CommandError = CommandError::new("ERR no such key");
    /// An index beyond the ends.
    pub(crate) const INDEX_OUT_OF_RANGE: CommandError = CommandError::new("ERR index out of range");
    /// A database number that does not exist.
    pub const DB_OUT_OF_RANGE: CommandError = CommandError::new("ERR DB index is out of range");
    /// Source and destination are the same object.
    pub(crate) const SAME_OBJECT: CommandError =
        CommandError::new("ERR source and destination objects are the same");
    /// A result beyond 64 bits.
    pub const OVERFLOW: CommandError = CommandError::new("ERR increment or decrement would overflow");
    /// A string beyond `proto-max-bulk-len`.
    pub const STRING_TOO_LONG: CommandError =
        CommandError::new("ERR string exceeds maximum allowed size (proto-max-bulk-len)");
    /// An offset that cannot be.
    pub(crate) const OFFSET_OUT_OF_RANGE: CommandError = CommandError::new("ERR offset is out of range");
    /// A bit offset that cannot be.
    pub(crate) const BIT_OFFSET: CommandError =
        CommandError::new("ERR bit offset is not an integer or out of range");
    /// A bit that is neither 0 nor 1.
    pub(crate) const BIT_VALUE: CommandError = CommandError::new("ERR bit is not an integer or out of range");
    /// A timeout that is not a number.
    pub const TIMEOUT_NOT_INTEGER: CommandError =
        CommandError::new("ERR timeout is not an integer or out of range");
    /// A timeout before now.
    pub const TIMEOUT_NEGATIVE: CommandError = CommandError::new("ERR timeout is negative");
    /// A cursor that is not a number.
    pub(crate) const INVALID_CURSOR: CommandError = CommandError::new("ERR invalid cursor");
    /// RESTORE over a key that is there.
    pub(crate) const BUSY_KEY: CommandError = CommandError::new("BUSYKEY Target key name already exists.");
    /// A payload whose version or checksum is not right.
    pub(crate) const BAD_PAYLOAD_CHECKSUM: CommandError =
        CommandError::new("ERR DUMP payload version or checksum are wrong");
    /// A payload that is not a value.
    pub(crate) const BAD_PAYLOAD: CommandError = CommandError::new("ERR Bad data format");

    /// A command that needs a password first.
    pub const NO_AUTH: CommandError = CommandError::new("NOAUTH Authentication required.");
    /// A password that is not the right one.
    pub const WRONG_PASSWORD: CommandError =
        CommandError::new("WRONGPASS invalid username-password pair or user is disabled.");
    /// A protocol version that there is not.
    pub const NO_PROTO: CommandError = CommandError::new("NOPROTO unsupported protocol version");
    /// HELLO without a password that is needed.
    pub const HELLO_NO_AUTH: CommandError = CommandError::new(
        "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> \
         <pass> option can be used to authenticate the client and select the RESP protocol version at the same time",
    );
    /// Anything that needs the data while it is being loaded.
    pub const LOADING: CommandError = CommandError::new("LOADING Valkey is loading the dataset in memory");
    /// The same where clients expect an older name.
    pub const LOADING_REDIS: CommandError =
        CommandError::new("LOADING Redis is loading the dataset in memory");
    /// EXEC after a command was refused.
    pub const EXEC_ABORT: CommandError =
        CommandError::new("EXECABORT Transaction discarded because of previous errors.");
    /// CLIENT UNBLOCK with ERROR.
    pub const UNBLOCKED: CommandError = CommandError::new("UNBLOCKED client unblocked via CLIENT UNBLOCK");
    /// A write when memory is short.
    pub const OUT_OF_MEMORY: CommandError =
        CommandError::new("OOM command not allowed when used memory > 'maxmemory'.");

    /// An expiry that cannot be, by the command that was given it.
    pub(crate) fn invalid_expire(command: &str) -> CommandError {
        CommandError::of(format!("invalid expire time in '{command}' command"))
    }

    /// A transaction that cannot be run because EXEC itself was refused.
    pub fn aborted_because(error: &CommandError) -> CommandError {
        let text = [b"EXECABORT Transaction discarded because of: ".as_slice(), &error.0].concat();
        CommandError(Cow::Owned(text))
    }

    /// A subcommand that is not known, or was given too much.
    pub fn unknown_subcommand(name: &str, container: &str) -> CommandError {
        CommandError::of(format!(
            "unknown subcommand or wrong number of arguments for '{name}'. Try {container} HELP."
        ))
    }

    /// Arguments too few or too many.
    pub fn arity(command: &str) -> CommandError {
        CommandError::of(format!("wrong number of arguments for '{command}' command"))
    }
}
