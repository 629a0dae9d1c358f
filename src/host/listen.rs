//! Sockets that wait for clients: TCP on each address of `bind`, and a socket on the machine.

use crate::connection::Stream;
use crate::log;
use crate::sys;
use base::log::Line;
use config::Config;
use mio::net::{TcpListener, UnixListener};
use mio::{Interest, Registry, Token, event::Source};
use node::boundary::Peer;
use socket2::{Domain, Protocol, SockRef, Socket, TcpKeepalive, Type};
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, ToSocketAddrs};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net as unix;
use std::time::Duration;

/// One socket that waits for clients.
pub enum Listener {
    /// Over the network.
    Tcp(TcpListener),
    /// On the machine.
    Unix {
        /// The socket.
        socket: UnixListener,
        /// Its path.
        path: String,
    },
}

/// All of them.
pub struct Listeners {
    /// In the order of the configuration, TCP first.
    pub all: Vec<Listener>,
}

impl Listeners {
    /// Opens what the configuration names; or the line to log before the process ends.
    pub fn open(config: &Config) -> Result<Listeners, Line> {
        let mut all = tcp_listeners(config).map_err(|()| {
            let port = config.network.port;
            Line::warning(format!("Failed listening on port {port} (tcp), aborting."))
        })?;
        if !config.network.unixsocket.is_empty() {
            let opened = unix_listener(config);
            all.push(opened.map_err(|text| Line::warning(format!("Failed opening Unix socket: {text}")))?);
        }
        if all.is_empty() {
            return Err(Line::warning("Configured to not listen anywhere, exiting."));
        }
        Ok(Listeners { all })
    }

    /// Each kind of listener, as INFO shows it.
    pub fn describe(&self, config: &Config) -> Vec<String> {
        describe(self.all.iter(), config)
    }

    /// The kinds of connection that are accepted, as the log names them.
    pub fn kinds(&self) -> impl Iterator<Item = &'static str> {
        let tcp = self.all.iter().any(|listener| matches!(listener, Listener::Tcp(_)));
        let unix = self.all.iter().any(|listener| matches!(listener, Listener::Unix { .. }));
        [tcp.then_some("tcp"), unix.then_some("unix")].into_iter().flatten()
    }
}

/// Each kind of listener, as INFO shows it: the addresses as they were configured.
pub fn describe<'a>(listeners: impl Iterator<Item = &'a Listener>, config: &Config) -> Vec<String> {
    let (mut tcp, mut unix) = (0, Vec::new());
    for listener in listeners {
        match listener {
            Listener::Tcp(_) => tcp += 1,
            Listener::Unix { path, .. } => unix.push(format!("name=unix,bind={path}")),
        }
    }
    let mut described = Vec::new();
    if tcp > 0 {
        let addresses = config.network.bind.iter().take(tcp);
        let binds: String =
            addresses.map(|name| format!(",bind={}", String::from_utf8_lossy(name))).collect();
        described.push(format!("name=tcp{binds},port={}", config.network.port));
    }
    described.append(&mut unix);
    described
}

/// A socket on each address of `bind`. An address that this machine does not have is passed over when it is marked as
/// optional, and so is a family of addresses that it does not speak; each failure is logged.
pub fn tcp_listeners(config: &Config) -> Result<Vec<Listener>, ()> {
    let mut listeners = Vec::new();
    if config.network.port == 0 {
        return Ok(listeners);
    }
    for address in config.network.bind.iter() {
        let (optional, name) = match address {
            [b'-', name @ ..] => (true, name),
            name => (false, name),
        };
        match tcp_listener(config, name) {
            Ok(listener) => listeners.push(Listener::Tcp(listener)),
            Err((error, text)) => {
                let (name, port) = (String::from_utf8_lossy(name), config.network.port);
                let text =
                    format!("Warning: Could not create server TCP listening socket {name}:{port}: {text}");
                log::write(config, &Line::warning(text));
                let code = error.raw_os_error().unwrap_or(0);
                if !(unspoken(code) || optional && code == libc::EADDRNOTAVAIL) {
                    return Err(());
                }
            }
        }
    }
    Ok(listeners)
}

/// Whether an error says that the machine does not speak a protocol or family of addresses.
fn unspoken(code: i32) -> bool {
    matches!(
        code,
        libc::ENOPROTOOPT
            | libc::EPROTONOSUPPORT
            | libc::ESOCKTNOSUPPORT
            | libc::EPFNOSUPPORT
            | libc::EAFNOSUPPORT
    )
}

type Failed = (io::Error, String);

/// Says at which step an error came.
fn at(step: &'static str) -> impl Fn(io::Error) -> Failed {
    move |error| {
        let text = format!("{step}: {}", sys::reason(&error));
        (error, text)
    }
}

fn tcp_listener(config: &Config, name: &[u8]) -> Result<TcpListener, Failed> {
    let address = resolve(name, config.network.port).map_err(|error| {
        let text = sys::reason(&error);
        (error, text)
    })?;
    let domain = if address.is_ipv6() { Domain::IPV6 } else { Domain::IPV4 };
    let protocol = if config.network.mptcp { Protocol::MPTCP } else { Protocol::TCP };
    let kind = Type::STREAM.nonblocking().cloexec();
    let socket = Socket::new(domain, kind, Some(protocol)).map_err(at("socket"))?;
    if address.is_ipv6() {
        socket.set_only_v6(true).map_err(at("setsockopt"))?;
    }
    socket.set_reuse_address(true).map_err(at("setsockopt SO_REUSEADDR"))?;
    if config.network.socket_mark_id != 0 {
        // The mark is for the machine's routing; without the right to set it, the socket works all the same.
        let _ = socket.set_mark(config.network.socket_mark_id);
    }
    socket.bind(&address.into()).map_err(at("bind"))?;
    socket.listen(config.network.tcp_backlog.min(i32::MAX as u32) as i32).map_err(at("listen"))?;
    Ok(TcpListener::from_std(socket.into()))
}

/// The address that a name of `bind` means. One with a colon is of IPv6, any other of IPv4.
fn resolve(name: &[u8], port: u16) -> io::Result<SocketAddr> {
    let v6 = name.contains(&b':');
    let name = match name {
        b"*" => "0.0.0.0",
        b"::*" => "::",
        name => std::str::from_utf8(name).map_err(|_| io::Error::other("Name or service not known"))?,
    };
    let mut found = (name, port).to_socket_addrs()?.filter(|address| address.is_ipv6() == v6);
    found.next().ok_or_else(|| io::Error::other("Address family for hostname not supported"))
}

/// The socket on the machine. One that an earlier process left behind is taken away first.
fn unix_listener(config: &Config) -> Result<Listener, String> {
    let (bytes, network) = (&config.network.unixsocket, &config.network);
    let path = sys::path(bytes);
    let _ = std::fs::remove_file(path);
    let text = |error: Failed| error.1;
    let socket = Socket::new(Domain::UNIX, Type::STREAM.nonblocking().cloexec(), None);
    let socket = socket.map_err(at("socket")).map_err(text)?;
    let address = socket2::SockAddr::unix(path).map_err(at("bind")).map_err(text)?;
    socket.bind(&address).map_err(at("bind")).map_err(text)?;
    socket.listen(network.tcp_backlog.min(i32::MAX as u32) as i32).map_err(at("listen")).map_err(text)?;
    if network.unixsocketperm != 0 {
        let mode = std::fs::Permissions::from_mode(network.unixsocketperm);
        std::fs::set_permissions(path, mode).map_err(at("chmod")).map_err(text)?;
    }
    if !network.unixsocketgroup.is_empty() {
        let group = group_id(&network.unixsocketgroup)?;
        std::os::unix::fs::chown(path, None, Some(group)).map_err(at("chown")).map_err(text)?;
    }
    let socket = UnixListener::from_std(unix::UnixListener::from(std::os::fd::OwnedFd::from(socket)));
    Ok(Listener::Unix { socket, path: String::from_utf8_lossy(bytes).into_owned() })
}

/// The number of a group, by its number or name.
fn group_id(group: &[u8]) -> Result<u32, String> {
    if let Some(id) = std::str::from_utf8(group).ok().and_then(|text| text.parse().ok()) {
        return Ok(id);
    }
    let name = sys::c_string(group);
    // SAFETY: the name is a C string, and the only thread so far looks at the answer before anyone asks again.
    let found = unsafe { libc::getgrnam(name.as_ptr()) };
    if found.is_null() {
        return Err(format!("Group '{}' not found", String::from_utf8_lossy(group)));
    }
    // SAFETY: not null, so it is an entry of the C library that stands until the next question.
    Ok(unsafe { (*found).gr_gid })
}

/// Takes the socket's file away.
pub fn remove_unix_socket(config: &Config, path: &[u8]) {
    if !path.is_empty() {
        log::write(config, &Line::notice("Removing the unix socket file."));
        let _ = std::fs::remove_file(sys::path(path));
    }
}

/// What came of looking for a client.
pub enum Accept {
    /// A client came.
    Client(Stream, Peer),
    /// No more wait.
    Nobody,
    /// One came and went, or cannot be let in.
    Lost,
    /// Clients wait and there is no descriptor or memory for them.
    NoRoom(io::Error),
}

impl Listener {
    /// The next client, with its socket set up as the configuration says.
    pub fn accept(&self, config: &Config) -> Accept {
        let accepted = match self {
            Listener::Tcp(socket) => socket.accept().map(|(stream, remote)| {
                let local = stream.local_addr().unwrap_or(remote);
                let _ = stream.set_nodelay(true);
                keep_alive(&stream, config.network.tcp_keepalive);
                (Stream::Tcp(stream), Peer::Tcp { remote, local })
            }),
            Listener::Unix { socket, path } => {
                socket.accept().map(|(stream, _)| (Stream::Unix(stream), Peer::Unix { path: path.clone() }))
            }
        };
        match accepted {
            Ok((stream, peer)) => Accept::Client(stream, peer),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Accept::Nobody,
            Err(error) => match error.raw_os_error() {
                Some(libc::EMFILE | libc::ENFILE | libc::ENOBUFS | libc::ENOMEM) => Accept::NoRoom(error),
                _ => Accept::Lost,
            },
        }
    }

    fn source(&mut self) -> &mut dyn Source {
        match self {
            Listener::Tcp(socket) => socket,
            Listener::Unix { socket, .. } => socket,
        }
    }

    /// Has the poller say when clients come.
    pub fn register(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        registry.register(self.source(), token, Interest::READABLE)
    }

    /// Has the poller forget the socket.
    pub fn deregister(&mut self, registry: &Registry) {
        let _ = registry.deregister(self.source());
    }
}

/// Asks the kernel to find out about clients that are gone without a word: the first question after `seconds` of
/// silence, three of them, a third of that apart.
fn keep_alive(stream: &mio::net::TcpStream, seconds: u32) {
    if seconds == 0 {
        return;
    }
    let idle = Duration::from_secs(seconds.into());
    let apart = Duration::from_secs((seconds / 3).max(1).into());
    let keep = TcpKeepalive::new().with_time(idle).with_interval(apart).with_retries(3);
    let _ = SockRef::from(stream).set_tcp_keepalive(&keep);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_bind_mean_addresses() {
        assert_eq!(resolve(b"*", 1).unwrap().to_string(), "0.0.0.0:1");
        assert_eq!(resolve(b"::*", 2).unwrap().to_string(), "[::]:2");
        assert_eq!(resolve(b"127.0.0.1", 3).unwrap().to_string(), "127.0.0.1:3");
        assert_eq!(resolve(b"::1", 4).unwrap().to_string(), "[::1]:4");
        assert!(resolve(b"\xff", 5).is_err());
    }

    #[test]
    fn a_taken_port_is_an_error_and_an_absent_optional_address_is_not() {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let mut config = Config::default();
        config.log.loglevel = config::LogLevel::Nothing;
        config.network.port = taken.local_addr().unwrap().port();
        let port = config.network.port;
        config.set_bind(&["127.0.0.1"]);
        let refused = Listeners::open(&config).err().unwrap();
        assert_eq!(refused.text, format!("Failed listening on port {port} (tcp), aborting."));
        drop(taken);
        config.set_bind(&["-192.0.2.1", "127.0.0.1"]);
        assert_eq!(Listeners::open(&config).ok().unwrap().all.len(), 1);
        config.set_bind(&["192.0.2.1", "127.0.0.1"]);
        assert!(Listeners::open(&config).is_err());
        config.set_bind(&[]);
        assert_eq!(
            Listeners::open(&config).err().unwrap().text,
            "Configured to not listen anywhere, exiting."
        );
    }

    trait SetBind {
        fn set_bind(&mut self, addresses: &[&str]);
    }

    impl SetBind for Config {
        fn set_bind(&mut self, addresses: &[&str]) {
            let text =
                format!("bind {}", if addresses.is_empty() { "\"\"".into() } else { addresses.join(" ") });
            self.load(text.as_bytes(), &mut config::NoSurroundings).unwrap();
        }
    }
}
