//! The real program, from the command line and through a browser.

mod bad_input;
mod browser;
mod fixture;
mod full_disk;
mod help;
mod keys;
mod kill;
mod publish;
mod server;
mod source;
mod verify;

#[test]
fn no_test_file_is_forgotten() {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    for (folder, main) in
        [(here.clone(), include_str!("main.rs")), (here.join("browser"), include_str!("browser/mod.rs"))]
    {
        for entry in std::fs::read_dir(folder).expect("this directory") {
            let name = entry.expect("an entry").file_name().into_string().expect("a plain name");
            let module = name.trim_end_matches(".rs");
            let is_root = module == "main" || module == "mod" || name.ends_with(".txt");
            assert!(is_root || main.contains(&format!("mod {module};")), "{name} is in no test");
        }
    }
}
