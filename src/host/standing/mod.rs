//! How the process stands in the system: its processors, its title, how soon it is ended when memory runs out.
//!
//! [`Standing`] holds what has to be remembered: the score that the process began with and the memory that its title is
//! written to. A child takes a copy of both along, and says with [`Standing::become_child`] what it is for.

pub mod affinity;
pub mod checks;
pub mod locale;
mod oom;
mod title;

use crate::log;
use base::log::Line;
use config::Config;
use oom::Score;
use std::io;
use title::Title;

/// What a child of the server is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Child {
    /// It writes a snapshot to a file.
    Snapshot,
    /// It writes a snapshot to replicas.
    SnapshotForReplicas,
    /// It writes the append-only file anew.
    Rewrite,
}

/// What is remembered of how the process was found. By default, nothing is.
#[derive(Default)]
pub struct Standing {
    score: Score,
    title: Option<Title>,
}

impl Standing {
    /// Remembers what the process was started as.
    ///
    /// # Safety
    ///
    /// No other thread may run yet, and nobody may hold pointers to arguments or environment of the process: the memory
    /// they were handed over in is given to the title.
    pub unsafe fn take(config: &Config, name: &[u8], config_file: &str) -> Standing {
        let wanted = config.process.set_proc_title;
        // SAFETY: what is asked for here is asked for of the caller, word by word.
        let title = wanted.then(|| unsafe { Title::take(name, config_file.as_bytes()) });
        Standing { score: Score::default(), title: title.flatten() }
    }

    /// Shows the title that the settings ask for.
    pub fn show_title(&self, config: &Config) -> Result<(), String> {
        self.title.as_ref().map_or(Ok(()), |title| title.show(config, None))
    }

    /// Sets the score that the settings give to a server of this role.
    pub fn set_score(&mut self, config: &Config) -> Result<(), String> {
        let values = &config.process.oom_score_adj_values;
        let replica = config.replication.replicaof.is_some();
        let value = if replica { values.replica } else { values.primary };
        self.score.set(config.process.oom_score_adj, value).map_err(|error| {
            say(config, &error);
            "Failed to set current oom_score_adj. Check server logs.".to_owned()
        })
    }

    /// To be called first thing in a child: gives it the score, the title and the processors of its kind. None of that is
    /// worth failing for; the log hears what did not work.
    pub fn become_child(&mut self, config: &Config, child: Child) {
        let values = &config.process.oom_score_adj_values;
        if let Err(error) = self.score.set(config.process.oom_score_adj, values.child) {
            say(config, &error);
        }
        let redis = config.process.extended_redis_compatibility;
        let (name, list) = match child {
            Child::Snapshot if redis => ("redis-rdb-bgsave", &config.process.bgsave_cpulist),
            Child::Snapshot => ("valkey-rdb-bgsave", &config.process.bgsave_cpulist),
            Child::SnapshotForReplicas if redis => ("redis-rdb-to-slaves", &config.process.bgsave_cpulist),
            Child::SnapshotForReplicas => ("valkey-rdb-to-replicas", &config.process.bgsave_cpulist),
            Child::Rewrite if redis => ("redis-aof-rewrite", &config.process.aof_rewrite_cpulist),
            Child::Rewrite => ("valkey-aof-rewrite", &config.process.aof_rewrite_cpulist),
        };
        if let Some(title) = &self.title {
            // The template was checked when it was set.
            let _ = title.show(config, Some(name.as_bytes()));
        }
        affinity::pin(list);
    }
}

fn say(config: &Config, error: &io::Error) {
    log::write(config, &Line::warning(error.to_string()));
}
