//! INFO on memory: the section Memory, and the sums behind it, which MEMORY STATS shows as well.

use super::{Info, View};
use crate::boundary::{Figures, Now};
use crate::node::Node;
use crate::session::Class;
use script::Kind;

/// Where memory goes, apart from the data itself.
pub(crate) struct Overhead {
    /// Bytes in use.
    pub(crate) used: u64,
    /// The most that was seen in use.
    pub(crate) peak: u64,
    /// In use when the node began.
    pub(crate) startup: u64,
    /// For clients: what they are known by, and what waits to be sent to them.
    pub(crate) clients: u64,
    /// For replicas, the same.
    pub(crate) replicas: u64,
    /// For the command logs.
    pub(crate) logs: u64,
    /// For the machines of scripts and of functions.
    pub(crate) vm_eval: u64,
    pub(crate) vm_functions: u64,
    /// For scripts and for libraries beside that.
    pub(crate) scripts: u64,
    pub(crate) libraries: u64,
    /// For the hash tables of the first database and of each that has had keys since it was flushed: its number, and the bytes of its two tables.
    pub(crate) databases: Vec<(usize, u64, u64)>,
}

impl Overhead {
    pub(crate) fn of(node: &Node, now: Now<'_>) -> Overhead {
        let used = now.meter.used_memory() as u64;
        let clients = |class: Class| node.client_memory[class as usize];
        let databases = node.data.databases.iter().enumerate();
        let databases = databases.map(|(index, database)| (index, database.tables.mem_bytes() as u64, 0));
        let databases = databases.filter(|&(index, main, _)| index == 0 || main > 0);
        Overhead {
            used,
            peak: used.max(node.stats.peak_memory as u64),
            startup: node.startup_memory as u64,
            clients: clients(Class::Normal) + clients(Class::Pubsub),
            replicas: clients(Class::Replica),
            logs: node.command_logs.memory() as u64,
            vm_eval: node.scripting.vm_memory(Kind::Eval) as u64,
            vm_functions: node.scripting.vm_memory(Kind::Functions) as u64,
            scripts: node.scripting.cache_memory() as u64,
            libraries: node.scripting.libraries_memory() as u64,
            databases: databases.collect(),
        }
    }

    /// The hash tables of all databases.
    pub(crate) fn tables(&self) -> u64 {
        self.databases.iter().map(|(_, main, volatile)| main + volatile).sum()
    }

    /// All that is not data.
    pub(crate) fn total(&self) -> u64 {
        let scripts = self.scripts + self.libraries + self.vm_eval + self.vm_functions;
        self.startup + self.clients + self.replicas + self.logs + scripts + self.tables()
    }

    /// The data.
    pub(crate) fn dataset(&self) -> u64 {
        self.used.saturating_sub(self.total())
    }

    /// The data as a share of what came after the start.
    pub(crate) fn dataset_percent(&self) -> f64 {
        percent(self.dataset(), self.used.saturating_sub(self.startup))
    }

    /// What is in use as a share of the most that was.
    pub(crate) fn peak_percent(&self) -> f64 {
        percent(self.used, self.peak)
    }
}

fn percent(part: u64, whole: u64) -> f64 {
    ratio(part.saturating_mul(100), whole)
}

/// How one figure stands to another, 0 to none, as precisely as the reference says it.
pub(crate) fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { f64::from(part as f32 / whole as f32) }
}

pub(super) fn memory(view: &View<'_>, info: &mut Info) {
    let (node, now, figures) = (view.node, view.now, &view.figures);
    let overhead = Overhead::of(node, now);
    let (libraries, functions) = node.scripting.counts();
    info.section("Memory");
    info.bytes("used_memory", overhead.used)
        .bytes("used_memory_rss", figures.resident)
        .bytes("used_memory_peak", overhead.peak)
        .field("used_memory_peak_perc", format_args!("{:.2}%", overhead.peak_percent()))
        .field("used_memory_overhead", overhead.total())
        .field("used_memory_startup", overhead.startup)
        .field("used_memory_dataset", overhead.dataset())
        .field("used_memory_dataset_perc", format_args!("{:.2}%", overhead.dataset_percent()))
        .field("allocator_allocated", figures.allocated)
        .field("allocator_active", figures.active)
        .field("allocator_resident", figures.held)
        .field("allocator_muzzy", figures.muzzy)
        .bytes("total_system_memory", node.process.system_memory)
        .field("used_memory_lua", overhead.vm_eval)
        .field("used_memory_vm_eval", overhead.vm_eval)
        .field("used_memory_lua_human", base::units::human_bytes(overhead.vm_eval))
        .field("used_memory_scripts_eval", overhead.scripts)
        .field("number_of_cached_scripts", node.scripting.cache.len())
        .field("number_of_functions", functions)
        .field("number_of_libraries", libraries)
        .field("used_memory_vm_functions", overhead.vm_functions)
        .bytes("used_memory_vm_total", overhead.vm_eval + overhead.vm_functions)
        .field("used_memory_functions", overhead.libraries)
        .bytes("used_memory_scripts", overhead.scripts + overhead.libraries)
        .bytes("maxmemory", node.config.memory.maxmemory)
        .field("maxmemory_policy", node.config.memory.maxmemory_policy.name());
    fragmentation(figures, &overhead, info);
    info.field("mem_not_counted_for_evict", node.uncounted_memory())
        .fields(0, &["mem_replication_backlog", "mem_total_replication_buffers"])
        .field("mem_clients_slaves", overhead.replicas)
        .field("mem_clients_normal", overhead.clients)
        .fields(0, &["mem_cluster_links", "mem_cluster_slot_import", "mem_cluster_slot_export"])
        .field("mem_aof_buffer", node.aof_buffer())
        .field("mem_allocator", &node.process.allocator)
        .fields(0, &["mem_overhead_db_hashtable_rehashing", "active_defrag_running"])
        .field("lazyfree_pending_objects", node.pending_objects(now))
        .field("lazyfreed_objects", node.lazyfreed_objects(now));
}

/// How much more memory is held than is in use, and by whom.
fn fragmentation(figures: &Figures, overhead: &Overhead, info: &mut Info) {
    let mut pair = |name: &str, large: u64, small: u64| {
        let bytes = large.cast_signed().saturating_sub(small.cast_signed());
        info.field(&format!("{name}_ratio"), format_args!("{:.2}", ratio(large, small)));
        info.field(&format!("{name}_bytes"), bytes);
    };
    pair("allocator_frag", figures.allocated + figures.gaps, figures.allocated);
    pair("allocator_rss", figures.held, figures.active);
    pair("rss_overhead", figures.resident, figures.held);
    pair("mem_fragmentation", figures.resident, overhead.used);
}
