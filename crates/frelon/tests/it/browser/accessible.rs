//! Accessibility, as far as a program can judge it: axe-core finds nothing on any page.
#![expect(clippy::print_stderr, reason = "a skipped test says so")]

use std::{fs, path::Path, process::Command};

use serde_json::Value;

use super::{
    driver::{Page, Script, with_page},
    look::pages,
};

/// WCAG 2.2 up to AA, and what axe-core calls good practice beside it.
const RULES: &str = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']";

#[test]
fn axe_finds_nothing_on_a_desk() {
    finds_nothing(1280);
}

#[test]
fn axe_finds_nothing_on_a_telephone() {
    finds_nothing(390);
}

fn finds_nothing(width: u32) {
    let Some(axe) = axe() else {
        eprintln!("skipped: needs npm, to install axe-core");
        return;
    };
    with_page(Script::On, async move |page: Page| {
        let mut found = Vec::new();
        for (name, path) in pages(&page).await {
            for scheme in ["light", "dark"] {
                page.screen(width, 900, scheme).await;
                page.open(&path).await;
                page.eval(&axe).await;
                let judged = judge(&page).await;
                assert!(judged["passes"].as_u64() > Some(10), "{name}: axe looked at nothing: {judged}");
                for violation in judged["violations"].as_array().expect("a list") {
                    found.push(format!("{name} ({scheme}): {violation}"));
                }
            }
        }
        assert!(found.is_empty(), "{found:#?}");
    });
}

/// Runs axe-core in the page: the number of rules kept, and what breaks the others.
async fn judge(page: &Page) -> Value {
    let script = format!(
        "var done = arguments[arguments.length - 1];\
         axe.run(document, {{ runOnly: {RULES} }}).then(function (found) {{\
           done({{ passes: found.passes.length, violations: found.violations.map(function (one) {{\
             return {{ id: one.id, help: one.help, places: one.nodes.slice(0, 3).map(function (node) {{ return node.html.slice(0, 200) + ' ' + node.failureSummary; }}) }};\
           }}) }});\
         }}, function (error) {{ done(String(error)); }});"
    );
    page.client().execute_async(&script, Vec::new()).await.expect("axe runs")
}

/// The text of axe-core, installed below the target folder the first time; `None` without npm.
fn axe() -> Option<String> {
    let tools = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../tools");
    fs::create_dir_all(&tools).expect("the target folder is writable");
    // Tests run at the same time, and npm does not expect that.
    let turn = fs::File::create(tools.join("lock")).expect("the target folder is writable");
    turn.lock().expect("a lock");
    let script = tools.join("node_modules/axe-core/axe.min.js");
    if !script.is_file() {
        let mut command = Command::new("npm");
        command.args(["install", "axe-core@4", "--no-save", "--no-audit", "--no-fund", "--prefix"]).arg(&tools);
        let output = command.output().ok()?;
        assert!(output.status.success(), "npm: {}", String::from_utf8_lossy(&output.stderr));
    }
    Some(fs::read_to_string(script).expect("it was installed"))
}
