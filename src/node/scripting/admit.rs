//! Whether a script may begin, by what it says of itself, and what others hear while one is slow.

use crate::node::Node;
use catalog::{CommandId, Flag, Flags as CommandFlags, id};
use commands::CommandError;
use conn::Args;
use script::{Flags, Kind};
use std::borrow::Cow;

const EVAL: CommandId = id("eval");
const EVAL_RO: CommandId = id("eval_ro");
const EVALSHA: CommandId = id("evalsha");
const EVALSHA_RO: CommandId = id("evalsha_ro");
const FCALL: CommandId = id("fcall");
const FCALL_RO: CommandId = id("fcall_ro");

impl Node {
    /// What a client hears while a script has run for too long.
    #[cold]
    pub(crate) fn busy_error(&self) -> CommandError {
        let of_eval = self.scripting.slow.as_ref().is_none_or(|runner| runner.machine.kind() == Kind::Eval);
        let name = self.title();
        let command = if of_eval { "SCRIPT" } else { "FUNCTION" };
        CommandError(Cow::Owned(
            format!(
                "BUSY {name} is busy running a script. You can only call {command} KILL or SHUTDOWN NOSAVE."
            )
            .into_bytes(),
        ))
    }

    /// What a command that runs a script is, going by what the script says of itself.
    #[cold]
    pub(crate) fn flags_of_script(&mut self, command: CommandId, args: &Args<'_>) -> CommandFlags {
        let flags = command.flags();
        let declared = match command {
            EVAL | EVAL_RO => match self.scripting.cache.find_body(args.at(1)) {
                Some(place) => self.scripting.cache.get(place).map(|script| script.flags),
                None => script::Shebang::of(args.at(1)).ok().map(|shebang| shebang.flags),
            },
            EVALSHA | EVALSHA_RO => {
                let place = self.scripting.cache.find_sha(args.at(1));
                place.and_then(|place| self.scripting.cache.get(place)).map(|script| script.flags)
            }
            FCALL | FCALL_RO => self.scripting.libraries.find(args.at(1)).map(|function| function.flags),
            _ => None,
        };
        let Some(declared) = declared.filter(|declared| !declared.has(Flags::UNDECLARED)) else {
            return flags;
        };
        let left_to_the_script = [Flag::Stale, Flag::DenyOom, Flag::Write, Flag::MayReplicate];
        let kept = flags.iter().filter(|flag| !left_to_the_script.contains(flag));
        let mut flags = kept.fold(CommandFlags::default(), CommandFlags::with);
        let writes = !declared.has(Flags::NO_WRITES);
        if writes && !declared.has(Flags::ALLOW_OOM) {
            flags = flags.with(Flag::DenyOom);
        }
        if writes {
            flags = flags.with(Flag::Write);
        }
        if declared.has(Flags::ALLOW_STALE) {
            flags = flags.with(Flag::Stale);
        }
        flags
    }

    /// Whether a script of these flags may begin.
    pub(super) fn admit_script(&self, declared: Flags, read_only: bool) -> Result<(), CommandError> {
        if declared.has(Flags::UNDECLARED) {
            return Ok(());
        }
        if declared.has(Flags::NO_CLUSTER) && self.lexicon.cluster {
            return Err(CommandError::of("Can not run script on cluster, 'no-cluster' flag is set."));
        }
        let writes = !declared.has(Flags::NO_WRITES);
        if writes && read_only {
            return Err(CommandError::of("Can not execute a script with write flag using *_ro command."));
        }
        if writes && !declared.has(Flags::ALLOW_OOM) && self.is_short_of_memory() {
            let text =
                "OOM allow-oom flag is not set on the script, can not run it when used memory > 'maxmemory'";
            return Err(CommandError(Cow::Borrowed(text.as_bytes())));
        }
        Ok(())
    }

    pub(super) fn is_short_of_memory(&self) -> bool {
        self.memory_limit() != 0 && self.scripting.short_of_memory
    }
}
