//! The libraries of functions: which there are, in the order in which they were loaded, and what a name means.
//!
//! Names of libraries count capitals; names of functions do not, across all libraries.

use crate::shebang;
use crate::{Flags, Function, Registered};
use base::map::{SipMap, SipState};
use base::siphash;

/// What is wrong with a library, as the client hears it.
pub type LoadError = Vec<u8>;

/// A function of a library.
#[derive(Debug)]
pub struct LibraryFunction {
    /// Its name.
    pub name: Vec<u8>,
    /// What it does, in its author's words.
    pub description: Option<Vec<u8>>,
    /// Its flags.
    pub flags: Flags,
    /// Itself.
    pub function: Function,
}

/// A library.
#[derive(Debug)]
pub struct Library {
    /// Its name.
    pub name: Vec<u8>,
    /// Its source, the first line included.
    pub code: Vec<u8>,
    /// What it registered, in that order.
    pub functions: Vec<LibraryFunction>,
}

/// What the first line of a library says.
#[derive(Debug)]
pub struct Metadata {
    /// The name of the library.
    pub name: Vec<u8>,
    /// Where the first line ends, from where on it is compiled.
    pub code_at: usize,
}

/// All libraries.
#[derive(Debug)]
pub struct Libraries {
    libraries: Vec<Library>,
    /// By the names of functions in lower case: the number of the library, and of the function in it.
    functions: SipMap<Vec<u8>, (usize, usize)>,
    /// The one that was called last.
    last: (usize, usize),
}

/// Whether a name is made of letters, digits and underscores.
fn is_name(name: &[u8]) -> bool {
    !name.is_empty() && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}

impl Metadata {
    /// Reads the first line of a library.
    pub fn of(code: &[u8]) -> Result<Metadata, LoadError> {
        if !code.starts_with(b"#!") {
            return Err(b"Missing library metadata".to_vec());
        }
        let invalid = "Invalid library metadata";
        let (words, code_at) = shebang::words(code).ok_or(invalid)?;
        let words = words.ok_or(invalid)?;
        let mut name = None;
        for word in &words[1..] {
            if !word.get(..5).is_some_and(|start| start.eq_ignore_ascii_case(b"name=")) {
                return Err([b"Invalid metadata value given: ".as_slice(), word].concat());
            }
            if name.replace(word[5..].to_vec()).is_some() {
                return Err(b"Invalid metadata value, name argument was given multiple times".to_vec());
            }
        }
        let name = name.ok_or("Library name was not given")?;
        if !is_name(&name) {
            let text = "Library names can only contain letters, numbers, or underscores(_) and must be at least one \
                        character long";
            return Err(text.into());
        }
        let engine = words[0].get(2..).unwrap_or_default();
        if !engine.eq_ignore_ascii_case(b"lua") {
            return Err([b"Engine '".as_slice(), engine, b"' not found"].concat());
        }
        Ok(Metadata { name, code_at })
    }
}

impl Libraries {
    /// None.
    pub fn new(key: siphash::Key) -> Libraries {
        Libraries { libraries: Vec::new(), functions: SipMap::with_hasher(SipState::new(key)), last: (0, 0) }
    }

    /// How many libraries there are.
    pub fn len(&self) -> usize {
        self.libraries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.libraries.is_empty()
    }

    /// How many functions they have.
    pub fn functions(&self) -> usize {
        self.functions.len()
    }

    /// The bytes that they take, beside what the machine holds.
    pub fn memory(&self) -> usize {
        let function = |function: &LibraryFunction| {
            2 * function.name.len()
                + function.description.as_ref().map_or(0, Vec::len)
                + 2 * size_of::<LibraryFunction>()
        };
        let library = |library: &Library| {
            size_of::<Library>()
                + library.name.len()
                + library.code.len()
                + library.functions.iter().map(function).sum::<usize>()
        };
        self.libraries.iter().map(library).sum()
    }

    /// The libraries, in the order in which they were loaded.
    pub fn iter(&self) -> impl Iterator<Item = &Library> {
        self.libraries.iter()
    }

    /// Whether there is a library of this name.
    pub fn has(&self, name: &[u8]) -> bool {
        self.libraries.iter().any(|library| library.name == name)
    }

    /// The function of this name.
    pub fn find(&self, name: &[u8]) -> Option<&LibraryFunction> {
        let last = self.at(self.last).filter(|function| function.name == name);
        last.or_else(|| self.at(self.search(name)?))
    }

    /// As [`Libraries::find`], of one that will be asked for again.
    pub fn find_to_call(&mut self, name: &[u8]) -> Option<&LibraryFunction> {
        if self.at(self.last).is_none_or(|function| function.name != name) {
            self.last = self.search(name)?;
        }
        self.at(self.last)
    }

    fn at(&self, (library, function): (usize, usize)) -> Option<&LibraryFunction> {
        self.libraries.get(library)?.functions.get(function)
    }

    fn search(&self, name: &[u8]) -> Option<(usize, usize)> {
        let mut short = [0; 64];
        let place = match short.get_mut(..name.len()) {
            Some(short) => {
                short.copy_from_slice(name);
                short.make_ascii_lowercase();
                self.functions.get(&*short)
            }
            None => self.functions.get(&name.to_ascii_lowercase()),
        };
        place.copied()
    }

    /// What is wrong with the functions that a library registered, if anything is.
    pub fn check(registered: &[Registered]) -> Result<(), LoadError> {
        for (number, function) in registered.iter().enumerate() {
            if !is_name(&function.name) {
                let text = "Function names can only contain letters, numbers, or underscores(_) and must be at least \
                            one character long";
                return Err(text.into());
            }
            if registered[..number].iter().any(|other| other.name == function.name) {
                return Err(b"Function already exists in the library".to_vec());
            }
        }
        if registered.is_empty() {
            return Err(b"No functions registered".to_vec());
        }
        Ok(())
    }

    /// Whether another library than `but` has a function of one of these names.
    pub fn collision(&self, but: &[u8], functions: &[Registered]) -> Result<(), LoadError> {
        for function in functions {
            let place = self.functions.get(&function.name.to_ascii_lowercase());
            if place.is_some_and(|&(library, _)| self.libraries[library].name != but) {
                return Err([b"Function ".as_slice(), &function.name, b" already exists"].concat());
            }
        }
        Ok(())
    }

    /// Adds a library. One of the same name must have been taken out before.
    pub fn add(&mut self, name: Vec<u8>, code: Vec<u8>, registered: Vec<Registered>) {
        let functions = registered.into_iter().map(|registered| {
            let Registered { name, description, flags, function } = registered;
            LibraryFunction { name, description, flags, function }
        });
        self.libraries.push(Library { name, code, functions: functions.collect() });
        self.index();
    }

    /// Takes a library out.
    pub fn remove(&mut self, name: &[u8]) -> Option<Library> {
        let at = self.libraries.iter().position(|library| library.name == name)?;
        let library = self.libraries.remove(at);
        self.index();
        Some(library)
    }

    /// Takes all libraries in of another collection. Fails, and leaves both as they are, where a name is taken: that of a
    /// library unless it is to be replaced, or that of a function of a library that stays. Answers what was replaced.
    pub fn join(&mut self, other: &mut Libraries, replace: bool) -> Result<Vec<Library>, LoadError> {
        if !replace && let Some(library) = other.libraries.iter().find(|library| self.has(&library.name)) {
            return Err([b"Library ".as_slice(), &library.name, b" already exists"].concat());
        }
        for function in other.libraries.iter().flat_map(|library| &library.functions) {
            let place = self.functions.get(&function.name.to_ascii_lowercase());
            if place.is_some_and(|&(library, _)| !other.has(&self.libraries[library].name)) {
                return Err([b"Function ".as_slice(), &function.name, b" already exists"].concat());
            }
        }
        let (gone, stay) =
            std::mem::take(&mut self.libraries).into_iter().partition(|l: &Library| other.has(&l.name));
        self.libraries = stay;
        self.libraries.append(&mut other.libraries);
        other.functions.clear();
        self.index();
        Ok(gone)
    }

    /// Takes all libraries out.
    pub fn take(&mut self) -> Vec<Library> {
        self.functions.clear();
        std::mem::take(&mut self.libraries)
    }

    fn index(&mut self) {
        self.functions.clear();
        for (number, library) in self.libraries.iter().enumerate() {
            for (place, function) in library.functions.iter().enumerate() {
                self.functions.insert(function.name.to_ascii_lowercase(), (number, place));
            }
        }
    }
}
