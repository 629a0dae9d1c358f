//! INFO on the process: the sections Server, CPU and Modules.

use super::{Info, View};

const DAY: u64 = 24 * 3600;

pub(super) fn server(view: &View<'_>, info: &mut Info) {
    let (node, now) = (view.node, view.now);
    let process = &node.process;
    let uptime = (now.mono_us - node.started_mono_us.min(now.mono_us)) / 1_000_000;
    let mode = if node.extended_compat() { "redis_mode" } else { "server_mode" };
    info.section("Server");
    info.field("redis_version", crate::REDIS_VERSION)
        .field("server_name", "valkey")
        .field("valkey_version", crate::VERSION)
        .field("valkey_release_stage", "ga")
        .field("redis_git_sha1", "00000000")
        .field("redis_git_dirty", 0)
        .field("redis_build_id", format_args!("{:x}", base::crc64::crc64(crate::VERSION.as_bytes())))
        .field(mode, "standalone")
        .field("os", &process.os)
        .field("arch_bits", usize::BITS)
        .field("monotonic_clock", &process.clock)
        .field("multiplexing_api", &process.poller)
        .field("process_id", process.pid)
        .field("process_supervised", &process.supervised)
        .field("run_id", &node.run_id)
        .field("tcp_port", tcp_port(node))
        .field("server_time_usec", now.unix_us)
        .field("uptime_in_seconds", uptime)
        .field("uptime_in_days", uptime / DAY)
        .field("hz", node.hz())
        .field("configured_hz", node.hz())
        .field("clients_hz", node.hz())
        .field("lru_clock", now.unix_s() & 0xff_ffff)
        .field("executable", &process.executable)
        .field("config_file", &process.config_file)
        .field("io_threads_active", i32::from(process.io_threads_active))
        .field("availability_zone", String::from_utf8_lossy(&node.config.process.availability_zone));
    for (index, listener) in process.listeners.iter().enumerate() {
        info.line(format_args!("listener{index}:{listener}"));
    }
}

/// The port for plain connections, or else the one for encrypted ones.
fn tcp_port(node: &crate::Node) -> u16 {
    match node.config.network.port {
        0 => node.config.tls.tls_port,
        port => port,
    }
}

pub(super) fn cpu(view: &View<'_>, info: &mut Info) {
    let figures = &view.figures;
    let seconds = |micros: u64| format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
    info.section("CPU");
    info.field("used_cpu_sys", seconds(figures.cpu_sys_us))
        .field("used_cpu_user", seconds(figures.cpu_user_us))
        .field("used_cpu_sys_children", seconds(figures.cpu_sys_children_us))
        .field("used_cpu_user_children", seconds(figures.cpu_user_children_us))
        .field("used_cpu_sys_main_thread", seconds(figures.cpu_sys_main_us))
        .field("used_cpu_user_main_thread", seconds(figures.cpu_user_main_us));
}

/// There are no modules.
pub(super) fn modules(_: &View<'_>, info: &mut Info) {
    info.section("Modules");
}
