//! Compiles the generated parser and the hand-written scanner.
use std::path::Path;

fn main() {
    let src = Path::new("src");
    let mut build = cc::Build::new();
    build
        .std("c11")
        .include(src)
        .flag_if_supported("-Wno-unused-parameter")
        .flag_if_supported("-Wno-unused-but-set-variable");
    #[cfg(target_env = "msvc")]
    build.flag("-utf-8");
    for name in ["parser.c", "scanner.c"] {
        let file = src.join(name);
        println!("cargo:rerun-if-changed={}", file.display());
        build.file(file);
    }
    println!("cargo:rerun-if-changed=src/scanner");
    build.compile("tree-sitter-dockerfile");
}
