//! Intake and release, from files on disk to the public tree.

mod bad_input;
mod corpus;
mod crash;
mod fault;
mod fixture;
mod release;
mod repeat;
mod source;
mod statement;

#[test]
fn no_test_file_is_forgotten() {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    let main = include_str!("main.rs");
    for entry in std::fs::read_dir(here).expect("this directory") {
        let name = entry.expect("an entry").file_name().into_string().expect("a plain name");
        let module = name.trim_end_matches(".rs");
        assert!(module == "main" || main.contains(&format!("mod {module};")), "{name} is not named in main.rs");
    }
}
