//! Passwords, of which only the SHA-256 digest is kept.

use sha2::{Digest as _, Sha256};

/// The digest of a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Password([u8; 32]);

impl Password {
    /// Of a password in clear.
    pub(crate) fn of(clear: &[u8]) -> Password {
        Password(Sha256::digest(clear).into())
    }

    /// Of a digest as it is printed: 64 digits, none of them a capital.
    pub(crate) fn from_hex(text: &[u8]) -> Option<Password> {
        let digits = text.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let bytes = base::hex::decode(text).filter(|_| digits)?;
        Some(Password(bytes.try_into().ok()?))
    }

    /// The digest as it is printed.
    pub(crate) fn hex(&self) -> String {
        base::hex::encode(&self.0)
    }

    /// Compares in a time that does not tell where two digests differ.
    pub(crate) fn same(&self, other: &Password) -> bool {
        self.0.iter().zip(other.0).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::Password;

    #[test]
    fn a_digest_is_that_of_the_standard_and_comes_back_from_its_digits() {
        let password = Password::of(b"abc");
        let hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(password.hex(), hex);
        assert_eq!(Password::from_hex(hex.as_bytes()), Some(password));
        assert!(password.same(&Password::of(b"abc")) && !password.same(&Password::of(b"abd")));
    }

    #[test]
    fn other_digits_are_refused() {
        let hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        for bad in [&hex[1..], &hex.to_uppercase(), &format!("{hex}00"), &hex.replace('b', "g"), ""] {
            assert_eq!(Password::from_hex(bad.as_bytes()), None, "{bad}");
        }
    }
}
