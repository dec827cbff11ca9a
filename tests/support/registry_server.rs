//! A registry on loopback that answers what a test tells it to.
#![allow(dead_code, reason = "no test needs all of it")]
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// With the query.
    pub path: String,
    /// The `Authorization` header; empty without one.
    pub authorization: String,
}

/// What is answered.
pub enum Reply {
    /// Status, further header lines, body.
    Http(u16, String, Vec<u8>),
    /// These bytes, then the end.
    Raw(Vec<u8>),
    /// Nothing, for ever.
    Silence,
}

/// A running server; it ends with the process.
pub struct Server {
    /// `127.0.0.1:port`
    pub host: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

/// A body with 200.
pub fn ok(body: &str) -> Reply {
    Reply::Http(200, String::new(), body.into())
}

/// An index of two platforms, with its digest.
pub fn index(digest: &str) -> Reply {
    let of = |architecture: &str| format!(r#"{{"platform": {{"os": "linux", "architecture": "{architecture}"}}}}"#);
    let body = format!(r#"{{"schemaVersion": 2, "manifests": [{}, {}]}}"#, of("amd64"), of("arm64"));
    Reply::Http(200, format!("Docker-Content-Digest: {digest}\r\n"), body.into_bytes())
}

/// A digest of 64 times the same letter.
pub fn digest(letter: &str) -> String {
    format!("sha256:{}", letter.repeat(64))
}

impl Server {
    /// Begins to answer.
    pub fn start(reply: impl Fn(&str, &Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let (asked, reply, own) = (Arc::<Mutex<Vec<Asked>>>::default(), Arc::new(reply), host.clone());
        let log = asked.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, reply, own) = (log.clone(), reply.clone(), own.clone());
                std::thread::spawn(move || answer(stream, &log, |asked| reply(&own, asked)));
            }
        });
        Self { host, asked }
    }

    /// What was asked for so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// The paths of it, sorted.
    pub fn paths(&self) -> Vec<String> {
        let mut paths: Vec<String> = self.asked().into_iter().map(|asked| asked.path).collect();
        paths.sort();
        paths
    }
}

fn answer(mut stream: TcpStream, log: &Mutex<Vec<Asked>>, reply: impl Fn(&Asked) -> Reply) {
    let mut asked = Asked { path: String::new(), authorization: String::new() };
    for line in BufReader::new(stream.try_clone().unwrap()).lines() {
        let Ok(line) = line else { return };
        if line.is_empty() {
            break;
        }
        if asked.path.is_empty() {
            line.split(' ').nth(1).unwrap_or_default().clone_into(&mut asked.path);
        } else if let Some((name, value)) =
            line.split_once(": ").filter(|(name, _)| name.eq_ignore_ascii_case("authorization"))
        {
            assert!(!name.is_empty());
            value.clone_into(&mut asked.authorization);
        }
    }
    if asked.path.is_empty() {
        return;
    }
    log.lock().unwrap().push(asked.clone());
    let bytes = match reply(&asked) {
        Reply::Http(status, headers, body) => {
            let head =
                format!("HTTP/1.1 {status} X\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            [head.into_bytes(), body].concat()
        }
        Reply::Raw(bytes) => bytes,
        Reply::Silence => {
            std::thread::sleep(Duration::from_secs(3600));
            return;
        }
    };
    // Who asked may be gone.
    let _ = stream.write_all(&bytes);
}
