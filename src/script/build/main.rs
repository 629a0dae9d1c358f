//! Builds Lua 5.1.5 for this crate: finds the sources that the package `lua-src` carries, copies them to the build folder,
//! applies the changes of `patches.rs`, and compiles the part of them that a sandbox needs. Nothing that opens files, starts
//! processes, loads libraries or reads bytecode is compiled in.
#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "it runs when the server is built, and is no part of it"
)]

mod patches;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// The folder of the sources in the package.
const FOLDER: &str = "lua-5.1.5";

/// What is compiled: the core, and the libraries `base`, `table`, `string`, `math`. Left out are `io`, `os`, `package` and
/// `debug`, and the reader of bytecode.
const FILES: &[&str] = &[
    "lapi", "lauxlib", "lbaselib", "lcode", "ldebug", "ldo", "ldump", "lfunc", "lgc", "llex", "lmathlib",
    "lmem", "lobject", "lopcodes", "lparser", "lstate", "lstring", "lstrlib", "ltable", "ltablib", "ltm",
    "lundump", "lvm", "lzio",
];

fn main() {
    println!("cargo::rerun-if-changed=build");
    let from = package().join(FOLDER);
    let to = PathBuf::from(env::var_os("OUT_DIR").expect("cargo names it")).join("lua");
    fs::create_dir_all(&to).expect("the build folder can be written");
    for entry in fs::read_dir(&from).unwrap_or_else(|error| panic!("{}: {error}", from.display())) {
        let path = entry.expect("a folder that can be read").path();
        let name = path.file_name().expect("files have names").to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        fs::write(to.join(&name), patches::apply(&name, text)).expect("the build folder can be written");
    }
    let mut build = cc::Build::new();
    build
        .include(&to)
        .warnings(false)
        .opt_level(2)
        .flag_if_supported("-fno-common")
        .flag_if_supported("-fwrapv");
    // Errors unwind by `_longjmp`, which leaves the mask of signals alone.
    build.define("LUA_USE_ULONGJMP", None);
    for file in FILES {
        build.file(to.join(format!("{file}.c")));
    }
    build.compile("lua51");
}

/// Where the package `lua-src` lies. Cargo knows: a registry, a mirror or a folder of vendored packages.
fn package() -> PathBuf {
    let offline = metadata(&["--offline"]);
    let text =
        offline.or_else(|| metadata(&[])).expect("`cargo metadata` describes the packages of this workspace");
    // Of the description of a package, the path of its manifest is the first path behind its name.
    let about = text.split_once(r#""name":"lua-src""#).expect("lua-src is a dependency of this package").1;
    let path = about.split_once(r#""manifest_path":""#).expect("every package has a manifest").1;
    let path = path.split_once('"').expect("the text is JSON").0.replace(r"\\", r"\");
    Path::new(&path).parent().expect("a manifest lies in a folder").to_path_buf()
}

fn metadata(more: &[&str]) -> Option<String> {
    let target = env::var("TARGET").expect("cargo names it");
    let output = Command::new(env::var_os("CARGO").expect("cargo names itself"))
        .args(["metadata", "--format-version", "1", "--filter-platform", &target])
        .args(more)
        .current_dir(env::var_os("CARGO_MANIFEST_DIR").expect("cargo names it"))
        .output()
        .ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
