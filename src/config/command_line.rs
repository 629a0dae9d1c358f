//! The command line: options turned into lines of configuration, to be read behind the file.
//!
//! ```text
//!   valkey-server conf --port 6380 --save 60 1 --save 300 100 -
//!                 ^file        ^ port "6380"                 ^ and stdin
//!                              ^ save "60" "1"
//! ```

use base::escape::{quote, split_args};

/// What the command line says about settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommandLine {
    /// The configuration file, as it was written.
    pub config_file: Option<Vec<u8>>,
    /// Whether configuration is read from standard input.
    pub stdin: bool,
    /// The options as lines of configuration.
    pub options: Vec<u8>,
}

impl CommandLine {
    /// Reads the arguments behind the program's name. Whether the first is `--help` and the like is for the host to see.
    ///
    /// An option begins with `--` and takes the arguments up to the next one, but always at least one, even if that
    /// begins with `--` too. An option that holds a blank has its value with it. `--save` and `--sentinel` alone may go
    /// without a value: an empty one, and none.
    pub fn parse(args: &[Vec<u8>]) -> Self {
        let mut line = Self::default();
        let mut rest = args;
        if let [first, behind @ ..] = args
            && first.first() != Some(&b'-')
        {
            line.config_file = Some(first.clone());
            rest = behind;
        }
        let skipped = args.len() - rest.len();
        let mut satisfied = true;
        for (index, arg) in rest.iter().enumerate() {
            let next = rest.get(index + 1);
            let at_an_end = index + skipped == 0 || next.is_none();
            if arg == b"-" && at_an_end {
                line.stdin = true;
            } else if satisfied && arg.starts_with(b"--") {
                satisfied = line.push_option(arg, next);
            } else {
                quote(&mut line.options, arg);
                line.options.push(b' ');
                satisfied = true;
            }
        }
        line
    }

    /// Begins the line of an option; says whether it needs no value any more.
    fn push_option(&mut self, arg: &[u8], next: Option<&Vec<u8>>) -> bool {
        let option = &arg[2..];
        if !self.options.is_empty() {
            self.options.push(b'\n');
        }
        self.options.extend_from_slice(option);
        self.options.push(b' ');
        let alone = split_args(arg).is_some_and(|words| words.len() == 1);
        let option_follows = next.is_some_and(|next| next.starts_with(b"--"));
        if !alone {
            return true;
        }
        if option.eq_ignore_ascii_case(b"save") && (option_follows || next.is_none()) {
            self.options.extend_from_slice(b"\"\"");
            return option_follows;
        }
        option.eq_ignore_ascii_case(b"sentinel") && option_follows
    }
}

/// The whole configuration as one text, in the order that lets the later win: file, standard input, options.
pub fn startup_text(file: &[u8], stdin: &[u8], options: &[u8]) -> Vec<u8> {
    [file, stdin, b"\n", options].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(args: &[&str]) -> (Option<String>, bool, String) {
        let args: Vec<Vec<u8>> = args.iter().map(|arg| arg.as_bytes().to_vec()).collect();
        let line = CommandLine::parse(&args);
        let file = line.config_file.map(|path| String::from_utf8(path).unwrap());
        (file, line.stdin, String::from_utf8(line.options).unwrap())
    }

    fn options(args: &[&str]) -> String {
        parse(args).2
    }

    #[test]
    fn options_become_lines() {
        assert_eq!(options(&["--port", "6380", "--save", "60", "1"]), "port \"6380\" \nsave \"60\" \"1\" ");
        assert_eq!(options(&["--port 6380", "--hz 1"]), "port 6380 \nhz 1 ");
        assert_eq!(options(&["--a", "b\"c d"]), "a \"b\\\"c d\" ");
        assert_eq!(options(&["--bad 'quote", "--b", "1"]), "bad 'quote \nb \"1\" ");
    }

    #[test]
    fn an_option_takes_at_least_one_argument() {
        assert_eq!(
            options(&["--proc-title-template", "--x", "--port", "1"]),
            "proc-title-template \"--x\" \nport \"1\" "
        );
        assert_eq!(options(&["--save", "--port", "1"]), "save \"\"\nport \"1\" ");
        assert_eq!(options(&["--SAVE"]), "SAVE \"\"");
        assert_eq!(options(&["--save", ""]), "save \"\" ");
        assert_eq!(options(&["--sentinel", "--port", "1"]), "sentinel \nport \"1\" ");
        assert_eq!(options(&["--"]), " ");
    }

    #[test]
    fn file_and_stdin() {
        assert_eq!(
            parse(&["a.conf", "--port", "1", "-"]),
            (Some("a.conf".into()), true, "port \"1\" ".into())
        );
        assert_eq!(parse(&["-", "--port", "1"]), (None, true, "port \"1\" ".into()));
        assert_eq!(
            parse(&["--logfile", "-", "--port", "1"]),
            (None, false, "logfile \"-\" \nport \"1\" ".into())
        );
        assert_eq!(
            parse(&["a.conf", "-", "--hz", "1"]),
            (Some("a.conf".into()), false, "\"-\" \nhz \"1\" ".into())
        );
        assert_eq!(parse(&[]), (None, false, String::new()));
    }
}
