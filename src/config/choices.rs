//! The directives' enumerations: each type with its values and their names in the configuration.

use crate::form::{Choice, name_of};

/// Declares enumerations and the names of their values, in the order error texts list them.
macro_rules! choices {
    ($($(#[$doc:meta])* $type:ident { $($($name:literal)|+ => $variant:ident),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $type { $(#[doc = concat!($("`", $name, "` ",)+)] $variant),* }

        impl Choice for $type {
            const NAMES: &'static [(&'static str, Self)] = &[$($(($name, Self::$variant)),+),*];
        }

        impl $type {
            /// The value's name in the configuration.
            pub fn name(self) -> &'static str {
                name_of(self)
            }
        }
    )*};
}

choices! {
    /// Which keys go when memory is full.
    EvictionPolicy {
        "volatile-lru" => VolatileLru,
        "volatile-lfu" => VolatileLfu,
        "volatile-random" => VolatileRandom,
        "volatile-ttl" => VolatileTtl,
        "allkeys-lru" => AllKeysLru,
        "allkeys-lfu" => AllKeysLfu,
        "allkeys-random" => AllKeysRandom,
        "noeviction" => NoEviction,
    }

    /// Under which facility syslog files our lines.
    SyslogFacility {
        "user" => User,
        "local0" => Local0,
        "local1" => Local1,
        "local2" => Local2,
        "local3" => Local3,
        "local4" => Local4,
        "local5" => Local5,
        "local6" => Local6,
        "local7" => Local7,
    }

    /// The least important lines that are still logged.
    LogLevel {
        "debug" => Debug,
        "verbose" => Verbose,
        "notice" => Notice,
        "warning" => Warning,
        "nothing" => Nothing,
    }

    /// The shape of a log line.
    LogFormat {
        "legacy" => Legacy,
        "logfmt" => Logfmt,
    }

    /// How a log line tells its time.
    LogTimestamp {
        "legacy" => Legacy,
        "iso8601" => Iso8601,
        "milliseconds" => Milliseconds,
    }

    /// Which init system is told that the server is up.
    Supervision {
        "upstart" => Upstart,
        "systemd" => Systemd,
        "auto" => Auto,
        "no" => No,
    }

    /// When the append-only file is forced to disk.
    AppendFsync {
        "everysec" => EverySecond,
        "always" => Always,
        "no" => No,
    }

    /// When a replica loads a snapshot straight from the socket.
    DisklessLoad {
        "disabled" => Disabled,
        "on-empty-db" => OnEmptyDb,
        "swapdb" => SwapDb,
        "flush-before-load" => FlushBeforeLoad,
    }

    /// Whether a TLS client must show a certificate.
    TlsAuthClients {
        "no" => No,
        "yes" => Yes,
        "optional" => Optional,
    }

    /// The certificate field that names the user a TLS client logs in as.
    TlsClientUser {
        "CN" => CommonName,
        "off" => Off,
    }

    /// Whether the process tunes its standing with the kernel's OOM killer, and from which base.
    OomScoreAdj {
        "no" => No,
        "yes" | "relative" => Relative,
        "absolute" => Absolute,
    }

    /// The channels a new ACL user may use.
    PubsubDefault {
        "allchannels" => AllChannels,
        "resetchannels" => ResetChannels,
    }

    /// Whose serialized values are checked in depth before they are used.
    SanitizePayload {
        "no" => No,
        "yes" => Yes,
        "clients" => Clients,
    }

    /// Who may do something dangerous.
    Permission {
        "no" => No,
        "yes" => Yes,
        "local" => Local,
    }

    /// What a cluster node tells clients as its address.
    EndpointType {
        "ip" => Ip,
        "hostname" => Hostname,
        "unknown-endpoint" => Unknown,
    }

    /// What happens when a replicated command fails.
    PropagationErrors {
        "ignore" => Ignore,
        "panic" => Panic,
        "panic-on-replicas" => PanicOnReplicas,
    }

    /// Whether a snapshot of a newer or foreign version is read at all.
    RdbVersionCheck {
        "strict" => Strict,
        "relaxed" => Relaxed,
    }
}

impl Permission {
    /// Whether a client may; `local` clients come over loopback or a unix socket.
    pub fn allows(self, local: bool) -> bool {
        match self {
            Self::No => false,
            Self::Yes => true,
            Self::Local => local,
        }
    }
}
