//! The title of the process in `ps`: text with `{variables}`, where `{{` stands for a brace.

use crate::form::Others;
use crate::table::Config;

impl Others for Config {
    fn untitled(&self, template: &[u8]) -> Option<Vec<u8>> {
        expand(template, self, b"", b"")
    }
}

/// Fills in `template`; `None` if a brace is left open or a variable is unknown. `title` is what the process was started
/// as, `config_file` the path of its configuration or nothing. Blanks at both ends go.
pub fn expand(template: &[u8], config: &Config, title: &[u8], config_file: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut rest = template;
    while let Some(brace) = rest.iter().position(|&byte| byte == b'{') {
        out.extend_from_slice(&rest[..brace]);
        rest = &rest[brace + 1..];
        if let [b'{', behind @ ..] = rest {
            out.push(b'{');
            rest = behind;
            continue;
        }
        let end = rest.iter().position(|&byte| byte == b'}')?;
        push_variable(&mut out, &rest[..end], config, title, config_file)?;
        rest = &rest[end + 1..];
    }
    out.extend_from_slice(rest);
    let start = out.iter().take_while(|&&byte| byte == b' ').count();
    let end = out.iter().rposition(|&byte| byte != b' ').map_or(start, |last| last + 1);
    Some(out[start..end].to_vec())
}

fn push_variable(out: &mut Vec<u8>, name: &[u8], config: &Config, title: &[u8], file: &[u8]) -> Option<()> {
    let (network, tls_port) = (&config.network, config.tls.tls_port);
    match name {
        b"title" => out.extend_from_slice(title),
        b"listen-addr" if network.port == 0 && tls_port == 0 => {
            out.extend_from_slice(b"unixsocket:");
            out.extend_from_slice(&network.unixsocket);
        }
        b"listen-addr" => {
            let port = if network.port == 0 { tls_port } else { network.port };
            out.extend_from_slice(network.bind.first().unwrap_or(b"*"));
            out.extend_from_slice(format!(":{port}").as_bytes());
        }
        b"server-mode" if config.cluster.cluster_enabled => out.extend_from_slice(b"[cluster]"),
        b"server-mode" => {}
        b"config-file" => out.extend_from_slice(if file.is_empty() { b"-" } else { file }),
        b"port" => out.extend_from_slice(network.port.to_string().as_bytes()),
        b"tls-port" => out.extend_from_slice(tls_port.to_string().as_bytes()),
        b"unixsocket" => out.extend_from_slice(&network.unixsocket),
        _ => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_in_variables() {
        let mut config = Config::default();
        let title = |config: &Config, template: &str| {
            expand(template.as_bytes(), config, b"valkey-server", b"")
                .map(|title| String::from_utf8(title).unwrap())
        };
        assert_eq!(title(&config, "{title} {listen-addr} {server-mode}").unwrap(), "valkey-server *:6379");
        assert_eq!(title(&config, " {{x} {config-file}}  ").unwrap(), "{x} -}");
        config.cluster.cluster_enabled = true;
        config.network.port = 0;
        config.tls.tls_port = 1;
        assert_eq!(title(&config, "{listen-addr}{server-mode}").unwrap(), "*:1[cluster]");
        for wrong in ["{", "{title", "{nothing}", "{}", "{ title}"] {
            assert_eq!(title(&config, wrong), None, "{wrong}");
        }
    }
}
