//! What a command is allowed to do and where: its flags, its ACL categories and its documentation flags.
//!
//! Categories are of two kinds: those a row names (`@string`), and those that follow from its flags (`@write`, `@slow`).
//! `Categories::implied_by` holds the second rule, in one place.

use crate::bits::named_bits;

named_bits! {
    /// One property of a command, as COMMAND INFO prints it.
    enum Flag;
    /// The properties of a command.
    struct Flags(u32);
    {
        /// May change data.
        Write = "write",
        /// Reads data and never changes it.
        ReadOnly = "readonly",
        /// May use more memory: refused when memory is short.
        DenyOom = "denyoom",
        /// Administers the server.
        Admin = "admin",
        /// About channels.
        PubSub = "pubsub",
        /// Not for scripts.
        NoScript = "noscript",
        /// May wait for something to happen.
        Blocking = "blocking",
        /// Allowed while a snapshot is being loaded.
        Loading = "loading",
        /// Allowed on a replica whose data is out of date.
        Stale = "stale",
        /// Not shown to MONITOR.
        SkipMonitor = "skip_monitor",
        /// Not recorded in the command log.
        SkipCommandLog = "skip_commandlog",
        /// Works on a slot that is being imported, as if ASKING had come before it.
        Asking = "asking",
        /// Constant or logarithmic in time.
        Fast = "fast",
        /// Allowed before authentication.
        NoAuth = "no_auth",
        /// Has key arguments, but may come without any.
        NoMandatoryKeys = "no_mandatory_keys",
        /// Refused while a replica loads beside its old data.
        NoAsyncLoading = "no_async_loading",
        /// Not allowed within MULTI.
        NoMulti = "no_multi",
        /// Its keys do not form one plain range: `KeyRange` alone does not find them all.
        MovableKeys = "movablekeys",
        /// Allowed while a script keeps the server busy.
        AllowBusy = "allow_busy",
        /// Not a write, and yet replicated (PUBLISH, EVAL, PFCOUNT). Never printed.
        MayReplicate = "may_replicate",
        /// Needs an `enable-...-command` directive. Never printed.
        Protected = "protected",
        /// Reads keys that its arguments do not name. Never printed.
        TouchesArbitraryKeys = "touches_arbitrary_keys",
    }
}

impl Flags {
    const HIDDEN: Flags = Flags::of(&[Flag::MayReplicate, Flag::Protected, Flag::TouchesArbitraryKeys]);

    /// The members that COMMAND INFO prints.
    pub fn shown(self) -> impl Iterator<Item = Flag> {
        self.iter().filter(|&flag| !Flags::HIDDEN.has(flag))
    }
}

named_bits! {
    /// One class of commands that ACL rules can name, without the `@`.
    enum Category;
    /// The ACL classes that a command is in.
    struct Categories(u32);
    {
        /// Keys as such: their names, types and lifetimes.
        Keyspace = "keyspace",
        /// Reads values.
        Read = "read",
        /// Changes values.
        Write = "write",
        /// Sets.
        Set = "set",
        /// Sorted sets.
        SortedSet = "sortedset",
        /// Lists.
        List = "list",
        /// Hashes.
        Hash = "hash",
        /// Strings.
        String = "string",
        /// Bits of strings.
        Bitmap = "bitmap",
        /// Cardinality sketches.
        HyperLogLog = "hyperloglog",
        /// Positions on the globe.
        Geo = "geo",
        /// Streams.
        Stream = "stream",
        /// Channels.
        PubSub = "pubsub",
        /// For administrators.
        Admin = "admin",
        /// Constant or logarithmic in time.
        Fast = "fast",
        /// Whatever is not fast.
        Slow = "slow",
        /// May wait.
        Blocking = "blocking",
        /// Could hurt the server or its data.
        Dangerous = "dangerous",
        /// The connection itself.
        Connection = "connection",
        /// MULTI and what belongs to it.
        Transaction = "transaction",
        /// Scripts and functions.
        Scripting = "scripting",
    }
}

impl Categories {
    /// The classes a row names, and those that follow from its flags. Every command is either fast or slow; a script
    /// that promises not to write is no `@read` command, since granting reads must not grant scripts.
    pub(crate) const fn implied_by(self, flags: Flags) -> Categories {
        let mut all = self;
        if flags.has(Flag::Write) {
            all = all.with(Category::Write);
        }
        if flags.has(Flag::ReadOnly) && !self.has(Category::Scripting) {
            all = all.with(Category::Read);
        }
        if flags.has(Flag::Admin) {
            all = all.with(Category::Admin).with(Category::Dangerous);
        }
        if flags.has(Flag::PubSub) {
            all = all.with(Category::PubSub);
        }
        if flags.has(Flag::Blocking) {
            all = all.with(Category::Blocking);
        }
        all.with(if flags.has(Flag::Fast) { Category::Fast } else { Category::Slow })
    }
}

named_bits! {
    /// One remark on a command's standing, as COMMAND DOCS prints it.
    enum DocFlag;
    /// Remarks on a command's standing.
    struct DocFlags(u8);
    {
        /// Kept for old clients.
        Deprecated = "deprecated",
        /// Not meant for users.
        SysCmd = "syscmd",
    }
}
