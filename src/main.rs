//! `valkey-server`: starts the shell.

#[global_allocator]
static ALLOCATOR: host::alloc::Jemalloc = host::alloc::Jemalloc;

fn main() -> std::process::ExitCode {
    host::start::main()
}
