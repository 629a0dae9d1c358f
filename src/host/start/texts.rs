//! What the program prints about itself.

use std::io::Write;

/// The version of the reference that this server takes the place of.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The allocator's name, as INFO shows it.
pub(super) const ALLOCATOR: &str = "jemalloc-5.3.1";

/// Prints to standard output; the exit code.
pub(super) fn print(text: &str) -> u8 {
    u8::from(std::io::stdout().write_all(text.as_bytes()).is_err())
}

/// The answer to `--version`.
pub(super) fn version() -> String {
    format!("Valkey server v={VERSION} sha=00000000:0 malloc={ALLOCATOR} bits=64 build=0\n")
}

/// The answer to `--help`.
pub(super) const USAGE: &str = "\
Usage: ./valkey-server [/path/to/valkey.conf] [options] [-]
       ./valkey-server - (read config from stdin)
       ./valkey-server -v or --version
       ./valkey-server -h or --help
       ./valkey-server --check-system

Examples:
       ./valkey-server                              the default configuration
       ./valkey-server /etc/valkey/6379.conf        a configuration file
       ./valkey-server --port 7777 --save ''        settings on the command line
       ./valkey-server /etc/valkey.conf --hz 20 -   all of them, the last of the same name counts
       echo 'maxmemory 128mb' | ./valkey-server -
";

/// A picture for people, with what they look for.
pub(super) fn logo(mode: &str, port: u16) -> String {
    let pid = std::process::id();
    format!(
        "
        .-~-.
     .-'     '-.       Valkey {VERSION} (00000000/0) 64 bit
   .'   .---.   '.
   |   /  o  \\   |     Running in {mode} mode
   |   \\  |  /   |     Port: {port}
   '.   '-+-'   .'     PID: {pid}
     '-.  |  .-'
        '-+-'          https://valkey.io

"
    )
}
