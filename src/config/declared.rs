//! What a configuration has beside directives that are settings: lines that add up.

/// What the configuration declares beside settings. The lists are in the order of the lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declared {
    /// `rename-command`: old name, new name; an empty new name takes the command away.
    pub renamed_commands: Vec<(Vec<u8>, Vec<u8>)>,
    /// `user`: the name and its rules.
    pub users: Vec<Vec<Vec<u8>>>,
    /// `loadmodule`: the path and the module's arguments.
    pub modules: Vec<Vec<Vec<u8>>>,
    /// Settings of modules, whose names have a dot; the last line of a name wins.
    pub module_settings: Vec<(Vec<u8>, Vec<u8>)>,
}
