//! The crate as a whole: its table against the reference's facts, what the reference answered to many commands and
//! files, and what must hold between setting, showing, loading and rewriting.

mod defaults;
mod files;
mod properties;
mod setting;

use crate::{Config, ConfigError, LoadError, NoSurroundings, SetBy};

/// CONFIG SET by a client on this machine: the reply's text.
fn set(config: &mut Config, pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<(&[u8], &[u8])> =
        pairs.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes())).collect();
    match config.set(&pairs, SetBy { local: true, loading: false }) {
        Ok(_) => "OK".into(),
        Err(error) => text(&error),
    }
}

fn text(error: &ConfigError) -> String {
    String::from_utf8(error.message().unwrap_or_else(|| b"LOADING".to_vec())).unwrap()
}

/// CONFIG GET of one name.
fn get(config: &Config, name: &str) -> String {
    let shown = config.get([name.as_bytes()]);
    assert_eq!(shown.len(), 1, "{name}");
    String::from_utf8_lossy(&shown[0].1).into_owned()
}

fn load(text: &str) -> Result<Config, LoadError> {
    let mut config = Config::default();
    config.load(text.as_bytes(), &mut NoSurroundings)?;
    Ok(config)
}
