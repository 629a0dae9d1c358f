//! How soon the kernel ends this process when memory runs out: `/proc/self/oom_score_adj`, from -1000 to 1000.

use config::OomScoreAdj;
use std::io;

const FILE: &str = "/proc/self/oom_score_adj";

/// The score of the process, and the one that it had before it was touched.
#[derive(Debug, Default)]
pub(super) struct Score {
    /// What to go back to; `None` while the score is not ours.
    base: Option<i32>,
}

impl Score {
    /// Sets the score, or gives it back what it was.
    pub(super) fn set(&mut self, mode: OomScoreAdj, value: i16) -> io::Result<()> {
        let value = i32::from(value);
        let score = match mode {
            OomScoreAdj::No => match self.base.take() {
                Some(base) => base,
                None => return Ok(()),
            },
            OomScoreAdj::Relative => self.base()? + value,
            OomScoreAdj::Absolute => {
                self.base()?;
                value
            }
        };
        #[expect(clippy::disallowed_methods, reason = "the score is the shell's")]
        let written = std::fs::write(FILE, format!("{}\n", score.clamp(-1000, 1000)));
        written.map_err(|error| told("Unable to write oom_score_adj", &error))
    }

    /// What the score was before it was touched.
    fn base(&mut self) -> io::Result<i32> {
        if let Some(base) = self.base {
            return Ok(base);
        }
        #[expect(clippy::disallowed_methods, reason = "the score is the shell's")]
        let text = std::fs::read_to_string(FILE);
        let text = text.map_err(|error| told("Unable to read oom_score_adj", &error))?;
        let base = text.trim().parse().unwrap_or(0);
        self.base = Some(base);
        Ok(base)
    }
}

fn told(what: &str, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{what}: {}", crate::sys::reason(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score() -> i32 {
        #[expect(clippy::disallowed_methods, reason = "compared with what the kernel says")]
        let text = std::fs::read_to_string(FILE).unwrap();
        text.trim().parse().unwrap()
    }

    /// Only ever raised, which needs no privilege; the way back below the start may need one.
    #[test]
    fn a_score_is_set_and_given_back() {
        let before = score();
        let mut own = Score::default();
        own.set(OomScoreAdj::No, 5).unwrap();
        assert_eq!(score(), before);
        own.set(OomScoreAdj::Relative, 7).unwrap();
        assert_eq!(score(), before + 7);
        own.set(OomScoreAdj::Absolute, i16::MAX).unwrap();
        assert_eq!(score(), 1000);
        own.set(OomScoreAdj::Relative, 3).unwrap();
        assert_eq!(score(), before + 3, "relative to the beginning, not to the last");
        own.set(OomScoreAdj::No, 9).unwrap();
        assert_eq!(score(), before);
    }
}
