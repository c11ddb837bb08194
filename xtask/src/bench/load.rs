//! Requests per second under load (wrk), against Frelon and against nginx with the same bytes.

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, bail};

use super::{page::Pages, server::free_address};
use crate::step;

/// Seconds of load; the first second of a first run only warms.
const SECONDS: &str = "8s";
const WARM_SECONDS: &str = "1s";
/// Connections kept open.
const CONNECTIONS: &str = "32";

/// Requests per second for the pages, in turn.
pub(crate) fn wrk(address: &str, pages: &Pages, scratch: &Path) -> Result<f64> {
    let script = scratch.join("pages.lua");
    let list: Vec<String> = pages.paths.iter().map(|path| format!("\"{path}\"")).collect();
    let text = format!(
        "local paths = {{{}}}\nlocal requests = {{}}\nlocal n = 0\n\
         init = function(args) for i, path in ipairs(paths) do requests[i] = wrk.format(\"GET\", path) end end\n\
         request = function() n = n % #requests + 1; return requests[n] end\n",
        list.join(",")
    );
    fs::write(&script, text)?;
    let run = |seconds: &str| {
        let script = script.to_string_lossy();
        let url = format!("http://{address}/");
        step::output(
            "wrk",
            &["--threads=1", "--connections", CONNECTIONS, "--duration", seconds, "--script", &script, &url],
        )
    };
    run(WARM_SECONDS)?;
    let text = run(SECONDS)?;
    if text.contains("Non-2xx") || text.contains("Socket errors") {
        bail!("some requests failed under load:\n{text}");
    }
    let value = text.lines().find_map(|line| line.strip_prefix("Requests/sec:")).context("wrk printed no rate")?;
    Ok(value.trim().parse()?)
}

/// The same for nginx, which serves the pages as files.
pub(crate) fn nginx(pages: &Pages, scratch: &Path) -> Result<f64> {
    let address = free_address()?;
    let _running = Nginx::start(&address, &pages.folder, scratch)?;
    wrk(&address, pages, scratch)
}

/// A running nginx; dropping it ends it.
pub(crate) struct Nginx(Child);

impl Nginx {
    /// Serves the files of a folder.
    pub(crate) fn start(address: &str, files: &Path, scratch: &Path) -> Result<Self> {
        let folder = scratch.join("nginx");
        fs::create_dir_all(&folder)?;
        let at = folder.display();
        // As root, nginx would give the files to a user who cannot enter this folder.
        let user = if step::output("id", &["-u"])?.trim() == "0" { "user root;\n" } else { "" };
        let text = format!(
            "daemon off;\n{user}worker_processes auto;\npid {at}/pid;\nerror_log {at}/error.log;\n\
             events {{ worker_connections 1024; }}\n\
             http {{\n access_log off; sendfile on; tcp_nopush on; tcp_nodelay on;\n\
             keepalive_requests 100000000; open_file_cache max=10000; default_type text/html;\n\
             client_body_temp_path {at}/body; proxy_temp_path {at}/proxy; fastcgi_temp_path {at}/fastcgi;\n\
             uwsgi_temp_path {at}/uwsgi; scgi_temp_path {at}/scgi;\n\
             server {{ listen {address}; root {}; }}\n}}\n",
            files.display()
        );
        let config = folder.join("nginx.conf");
        fs::write(&config, text)?;
        let program = if Path::new("/usr/sbin/nginx").is_file() { "/usr/sbin/nginx" } else { "nginx" };
        let child = Command::new(program)
            .arg("-c")
            .arg(&config)
            .arg("-e")
            .arg(folder.join("error.log"))
            .stdin(Stdio::null())
            .spawn()
            .context("cannot start nginx")?;
        let running = Self(child);
        for _ in 0..500 {
            if std::net::TcpStream::connect(address).is_ok() {
                return Ok(running);
            }
            thread::sleep(Duration::from_millis(10));
        }
        bail!("nginx does not answer; see {at}/error.log");
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // SIGTERM lets the master end its workers; a plain kill would orphan them.
        let id = self.0.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status().is_ok_and(|status| status.success());
        if asked || self.0.kill().is_ok() {
            drop(self.0.wait());
        }
    }
}
