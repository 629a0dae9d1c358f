//! Forms: how a type of value is written. A directive's row pairs a field with a form; the field says what is stored,
//! the form says what text means it. Here are the plain forms; directives with a grammar of their own are in `values/`,
//! and text is in `text.rs`.

use crate::error::Reason;
use crate::number;
use crate::words::until_nul;
use std::marker::PhantomData;

/// The arguments behind a directive's name.
pub(crate) type Args<'a> = &'a [&'a [u8]];

/// Who is setting a value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// CONFIG SET: the value replaces what is there.
    Command,
    /// A line of the configuration. `first` says that the directive has not been met before, so that directives which
    /// accumulate know when to drop the default.
    File { first: bool },
}

/// The settings beside the one that is parsed, as far as a form asks about them.
pub(crate) trait Others {
    /// The title that a process without one would have by this template; `None` if the template is wrong.
    fn untitled(&self, template: &[u8]) -> Option<Vec<u8>>;
}

/// What a form may look at while it parses.
pub(crate) struct Context<'a, T> {
    pub(crate) old: &'a T,
    pub(crate) others: &'a dyn Others,
    pub(crate) source: Source,
}

/// One line of a rewritten configuration file, without the directive's name.
pub(crate) struct FileLine {
    pub(crate) value: Vec<u8>,
    /// Whether the line is written even if the file has no such directive yet.
    pub(crate) needed: bool,
}

/// How values of type `T` are written.
pub(crate) trait Form<T: PartialEq>: Sync {
    /// The value that the arguments spell.
    fn parse(&self, args: Args<'_>, context: &Context<'_, T>) -> Result<T, Reason>;

    /// The value as CONFIG GET shows it.
    fn show(&self, value: &T) -> Vec<u8>;

    /// The lines that load back to the value. None at all means that the file's lines are to go.
    fn file_lines(&self, value: &T, default: &T) -> Vec<FileLine> {
        vec![FileLine { value: self.show(value), needed: value != default }]
    }
}

/// The only argument, as far as a C string reaches.
pub(crate) fn single<'a>(args: Args<'a>) -> Result<&'a [u8], Reason> {
    match args {
        [arg] => Ok(until_nul(arg)),
        _ => Err("wrong number of arguments".into()),
    }
}

/// `yes` or `no`.
pub(crate) struct YesNo;

impl Form<bool> for YesNo {
    fn parse(&self, args: Args<'_>, _: &Context<'_, bool>) -> Result<bool, Reason> {
        match single(args)? {
            word if word.eq_ignore_ascii_case(b"yes") => Ok(true),
            word if word.eq_ignore_ascii_case(b"no") => Ok(false),
            _ => Err("argument must be 'yes' or 'no'".into()),
        }
    }

    fn show(&self, value: &bool) -> Vec<u8> {
        if *value { b"yes".to_vec() } else { b"no".to_vec() }
    }
}

/// As [`YesNo`], where `yes` cannot be had, and why.
pub(crate) struct OnlyNo(pub(crate) &'static str);

impl Form<bool> for OnlyNo {
    fn parse(&self, args: Args<'_>, context: &Context<'_, bool>) -> Result<bool, Reason> {
        match YesNo.parse(args, context)? {
            true => Err(self.0.into()),
            false => Ok(false),
        }
    }

    fn show(&self, value: &bool) -> Vec<u8> {
        YesNo.show(value)
    }
}

/// An integer field. All of them pass through the 64 bits of an `i64`, so that one form serves them all; an unsigned
/// field reads the same bits as an unsigned number.
pub(crate) trait Number: Copy + PartialEq {
    const SIGNED: bool;
    fn from_bits(bits: i64) -> Self;
    fn bits(self) -> i64;
}

macro_rules! number {
    ($($type:ty: $signed:literal),*) => {$(
        impl Number for $type {
            const SIGNED: bool = $signed;
            fn from_bits(bits: i64) -> Self { bits as Self }
            fn bits(self) -> i64 { self as i64 }
        }
    )*};
}
number!(u16: false, u32: false, u64: false, i32: true, i64: true);

/// How an [`Integer`] is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notation {
    Decimal,
    Octal,
    /// Bytes, with a unit on the way in; in the file with the largest unit that fits.
    Memory,
}

/// An integer within a range.
pub(crate) struct Integer {
    min: i64,
    max: i64,
    notation: Notation,
    /// What an accepted value is then moved into.
    clamp: Option<(i64, i64)>,
}

/// A decimal integer from `min` to `max`, both included.
pub(crate) const fn between(min: i64, max: i64) -> Integer {
    Integer { min, max, notation: Notation::Decimal, clamp: None }
}

/// A decimal integer from `min` on, as far as a C `int` reaches.
pub(crate) const fn from(min: i64) -> Integer {
    between(min, i32::MAX as i64)
}

/// An amount of memory from `min` to `max` bytes.
pub(crate) const fn memory(min: i64, max: i64) -> Integer {
    Integer { min, max, notation: Notation::Memory, clamp: None }
}

/// An octal integer from 0 to `max`.
pub(crate) const fn octal(max: i64) -> Integer {
    Integer { min: 0, max, notation: Notation::Octal, clamp: None }
}

impl Integer {
    /// Moves accepted values into a narrower range without a word, as the reference does with `hz`.
    pub(crate) const fn clamped(self, min: i64, max: i64) -> Self {
        Self { clamp: Some((min, max)), ..self }
    }

    fn read(&self, arg: &[u8]) -> Result<i64, Reason> {
        match self.notation {
            Notation::Decimal => {
                base::int::parse_i64(arg).ok_or("argument couldn't be parsed into an integer".into())
            }
            Notation::Octal => match number::parse_lenient(until_nul(arg), 8) {
                Some((value, true)) => Ok(value),
                _ => Err("argument couldn't be parsed as an octal number".into()),
            },
            Notation::Memory => match base::units::parse_memory(until_nul(arg)) {
                Some(bytes) => Ok(bytes.cast_signed()),
                None => Err("argument must be a memory value".into()),
            },
        }
    }

    fn check<T: Number>(&self, bits: i64) -> Result<(), Reason> {
        let (min, max) = (self.min, self.max);
        let (umin, umax) = (min.cast_unsigned(), max.cast_unsigned());
        let inside = if T::SIGNED {
            (min..=max).contains(&bits)
        } else {
            (umin..=umax).contains(&bits.cast_unsigned())
        };
        if inside {
            return Ok(());
        }
        let text = match self.notation {
            Notation::Octal => format!("argument must be between {min:o} and {max:o} inclusive"),
            _ if T::SIGNED => format!("argument must be between {min} and {max} inclusive"),
            _ => format!("argument must be between {umin} and {umax} inclusive"),
        };
        Err(text.into())
    }
}

impl<T: Number> Form<T> for Integer {
    fn parse(&self, args: Args<'_>, _: &Context<'_, T>) -> Result<T, Reason> {
        let [arg] = args else { return Err("wrong number of arguments".into()) };
        let bits = self.read(arg)?;
        self.check::<T>(bits)?;
        let bits = self.clamp.map_or(bits, |(min, max)| bits.clamp(min, max));
        Ok(T::from_bits(bits))
    }

    fn show(&self, value: &T) -> Vec<u8> {
        let bits = value.bits();
        match self.notation {
            Notation::Decimal => bits.to_string(),
            Notation::Octal => format!("{bits:o}"),
            Notation::Memory => bits.cast_unsigned().to_string(),
        }
        .into_bytes()
    }

    fn file_lines(&self, value: &T, default: &T) -> Vec<FileLine> {
        let text = match self.notation {
            Notation::Memory => number::memory_text(value.bits().cast_unsigned()).into_bytes(),
            _ => self.show(value),
        };
        vec![FileLine { value: text, needed: value != default }]
    }
}

/// A type whose values have names. When two names stand for one value, the first is the one shown.
pub(crate) trait Choice: Copy + PartialEq + 'static {
    const NAMES: &'static [(&'static str, Self)];
}

/// One of a type's names, in any case.
pub(crate) struct OneOf<T>(PhantomData<fn() -> T>);

/// The form of the field's [`Choice`].
pub(crate) const fn one_of<T>() -> OneOf<T> {
    OneOf(PhantomData)
}

/// The value called `name`.
pub(crate) fn choose<T: Choice>(name: &[u8]) -> Option<T> {
    let name = until_nul(name);
    T::NAMES.iter().find(|(known, _)| known.as_bytes().eq_ignore_ascii_case(name)).map(|&(_, value)| value)
}

/// The name of `value`.
pub(crate) fn name_of<T: Choice>(value: T) -> &'static str {
    T::NAMES.iter().find(|&&(_, known)| known == value).map_or("unknown", |(name, _)| name)
}

/// The refusal that lists all names of a type.
pub(crate) fn not_a_choice<T: Choice>() -> Reason {
    let names: Vec<&str> = T::NAMES.iter().map(|&(name, _)| name).collect();
    format!("argument(s) must be one of the following: {}", names.join(", ")).into()
}

impl<T: Choice> Form<T> for OneOf<T> {
    fn parse(&self, args: Args<'_>, _: &Context<'_, T>) -> Result<T, Reason> {
        choose(single(args)?).ok_or_else(not_a_choice::<T>)
    }

    fn show(&self, value: &T) -> Vec<u8> {
        name_of(*value).as_bytes().to_vec()
    }
}
