//! `bind`, `rdma-bind`: the addresses to listen on. A leading `-` marks one that may be missing on this machine.

use super::{EMPTY, is_empty_list, join};
use crate::error::Reason;
use crate::form::{Args, Context, FileLine, Form};
use crate::words::{quoted, until_nul, word};

const MAX_ADDRESSES: usize = 16;

/// At most 16 addresses, as they are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses(Vec<Vec<u8>>);

impl Addresses {
    /// No address: nothing is listened on.
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// Every IPv4 address, and every IPv6 address where there is IPv6.
    pub fn everywhere() -> Self {
        Self(vec![b"*".to_vec(), b"-::*".to_vec()])
    }

    /// The addresses in their order.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().map(Vec::as_slice)
    }

    /// The address that stands for the server where one must do.
    pub fn first(&self) -> Option<&[u8]> {
        self.0.first().map(Vec::as_slice)
    }
}

/// The form of [`Addresses`].
pub(crate) struct AddressList;

impl Form<Addresses> for AddressList {
    fn parse(&self, args: Args<'_>, _: &Context<'_, Addresses>) -> Result<Addresses, Reason> {
        if args.len() > MAX_ADDRESSES {
            return Err("Too many bind addresses specified.".into());
        }
        let args: Vec<&[u8]> = args.iter().map(|arg| until_nul(arg)).collect();
        if is_empty_list(&args) {
            return Ok(Addresses::none());
        }
        Ok(Addresses(args.iter().map(|arg| arg.to_vec()).collect()))
    }

    fn show(&self, value: &Addresses) -> Vec<u8> {
        join(value.iter())
    }

    /// The default is written as no line at all: it is not one that can be spelled on every machine.
    fn file_lines(&self, value: &Addresses, default: &Addresses) -> Vec<FileLine> {
        if value == default {
            return Vec::new();
        }
        let text = match &value.0[..] {
            [] => EMPTY.to_vec(),
            // A single argument is cut once more when it is loaded.
            [only] if word(only) != *only => quoted(&word(only)),
            _ => join(value.iter().map(word)),
        };
        vec![FileLine { value: text, needed: true }]
    }
}
