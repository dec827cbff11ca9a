//! Registries that answer as they should, and others, each on loopback.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
#[path = "support/registry_server.rs"]
mod registry_server;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use dockline::registry::ask::Registries;
use dockline::registry::reference::{Reference, Repository};
use dockline::registry::{RegistryFacts, Wanted};
use dockline::settings::RegistrySettings;
use registry_server::{Reply, Server, digest, index, ok};

/// Asks for the tags and the images of these names at `server`, which the settings name.
fn ask(registries: &Registries, server: &Server, names: &[&str]) -> (RegistryFacts, Vec<String>) {
    let mut wanted = Wanted::default();
    for name in names {
        let name = format!("{}/{name}", server.host);
        match Repository::of(&name) {
            Some(repository) => drop(wanted.repositories.insert(repository)),
            None => drop(wanted.images.insert(Reference::of(&name).unwrap())),
        }
    }
    registries.ask(&wanted, &settings(&[server]))
}

fn settings(servers: &[&Server]) -> RegistrySettings {
    let insecure = servers.iter().map(|server| server.host.clone()).collect();
    RegistrySettings { enabled: true, timeout: 1, insecure, ..RegistrySettings::default() }
}

/// Asks for one tag; the one complaint, without the host.
fn complaint(reply: impl Fn() -> Reply + Send + Sync + 'static) -> String {
    let server = Server::start(move |_, _| reply());
    let start = Instant::now();
    let (facts, complaints) = ask(&Registries::default(), &server, &["a:1"]);
    assert!(start.elapsed() < Duration::from_secs(5), "it takes {:?}", start.elapsed());
    assert!(facts.is_empty() && complaints.len() == 1, "{complaints:?}");
    complaints[0].strip_prefix(&format!("{}, asked for a:1: ", server.host)).unwrap().to_owned()
}

#[test]
fn answers_are_kept() {
    let server = Server::start(|_, asked| match &*asked.path {
        "/v2/team/app/tags/list?n=1000" => {
            let next = "Link: </v2/team/app/tags/list?n=1000&last=1>; rel=\"next\"\r\n";
            Reply::Http(200, next.to_owned(), br#"{"tags": ["1"]}"#.to_vec())
        }
        "/v2/team/app/tags/list?n=1000&last=1" => ok(r#"{"tags": ["2", "../x"]}"#),
        "/v2/team/app/manifests/1" => index(&digest("a")),
        _ => Reply::Http(404, String::new(), Vec::new()),
    });
    let registries = Registries::default();
    for round in 0..2 {
        let (facts, complaints) = ask(&registries, &server, &["team/app", "team/app:1", "team/app:3"]);
        assert_eq!(complaints.len(), usize::from(round == 0), "{complaints:?}");
        let name = format!("{}/team/app", server.host);
        assert_eq!(facts.tags(&name).unwrap(), ["1", "2"]);
        let image = facts.image(&format!("{name}:1")).unwrap();
        assert_eq!((&image.digest, image.platforms.join(" ").as_str()), (&digest("a"), "linux/amd64 linux/arm64"));
        assert_eq!(facts.image(&format!("{name}:3")), None);
        assert_eq!(server.asked().len(), 4, "{:?}", server.paths());
    }
}

#[test]
fn an_image_of_one_platform_names_it_in_its_configuration() {
    let config = digest("c");
    let server = Server::start(move |_, asked| match &*asked.path {
        "/v2/a/manifests/1" => {
            let body = format!(r#"{{"config": {{"digest": "{config}"}}}}"#);
            Reply::Http(200, format!("docker-content-digest: {}\r\n", digest("a")), body.into_bytes())
        }
        path if path.starts_with("/v2/a/blobs/sha256:c") => {
            ok(r#"{"os": "linux", "architecture": "s390x", "created": "2026-11-20T01:02:03Z"}"#)
        }
        _ => Reply::Http(404, String::new(), Vec::new()),
    });
    let (facts, complaints) = ask(&Registries::default(), &server, &["a:1"]);
    assert_eq!(complaints, Vec::<String>::new());
    let image = facts.image(&format!("{}/a:1", server.host)).unwrap();
    assert_eq!((image.platforms.join(" "), image.created.as_deref()), ("linux/s390x".to_owned(), Some("2026-11-20")));
}

#[test]
fn broken_answers_are_none() {
    let cut = br#"{"manifests": [{"platform": {"os": "lin"#;
    let with_digest =
        |body: &[u8]| Reply::Http(200, format!("Docker-Content-Digest: {}\r\n", digest("a")), body.to_vec());
    assert_eq!(complaint(move || with_digest(cut)), "a manifest can't be read in its answer");
    let large = vec![b' '; 10 << 20];
    assert_eq!(complaint(move || with_digest(&large)), "it sends more than 4096 KiB");
    assert_eq!(complaint(|| ok("{}")), "a digest can't be read in its answer");
    assert_eq!(complaint(|| Reply::Http(403, String::new(), Vec::new())), "it refuses access");
    assert_eq!(complaint(|| Reply::Http(401, "WWW-Authenticate: \"\r\n".to_owned(), Vec::new())), "it refuses access");
    assert_eq!(complaint(|| Reply::Http(302, String::new(), Vec::new())), "it answers 302");
    assert_eq!(complaint(|| Reply::Http(503, String::new(), Vec::new())), "it fails (503)");
    for closed in ["", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", "SSH-2.0-OpenSSH_9.2\r\n"] {
        assert!(!complaint(move || Reply::Raw(closed.into())).is_empty());
    }
}

#[test]
fn what_is_in_a_digest_is_not_another() {
    let server = Server::start(|_, _| index(&digest("b")));
    let name = format!("a@{}", digest("a"));
    let (facts, complaints) = ask(&Registries::default(), &server, &[&name]);
    assert!(facts.is_empty() && complaints.len() == 1, "{complaints:?}");
}

#[test]
fn a_host_that_does_not_answer_is_left_alone() {
    for (reply, word) in [(0, "in time"), (429, "429"), (500, "500")] {
        let server = Server::start(move |_, _| match reply {
            0 => Reply::Silence,
            status => Reply::Http(status, String::new(), Vec::new()),
        });
        let registries = Registries::default();
        let (facts, complaints) = ask(&registries, &server, &["a:1"]);
        assert!(facts.is_empty() && complaints[0].contains(word), "{complaints:?}");
        let start = Instant::now();
        let (facts, complaints) = ask(&registries, &server, &["a:1", "a:2", "b:1", "b"]);
        assert!(facts.is_empty() && complaints.is_empty(), "{complaints:?}");
        assert!(start.elapsed() < Duration::from_millis(500) && server.asked().len() == 1);
    }
}

#[test]
fn a_redirect_of_a_plain_host_is_not_followed() {
    let other = Server::start(|_, _| index(&digest("a")));
    let target = format!("Location: http://{}/v2/a/manifests/1\r\n", other.host);
    assert_eq!(complaint(move || Reply::Http(307, target.clone(), Vec::new())), "it answers 307");
    assert!(other.asked().is_empty());
}

#[test]
fn a_page_elsewhere_is_not_asked_for() {
    let other = Server::start(|_, _| ok(r#"{"tags": ["2"]}"#));
    let link = format!("Link: <http://{}/v2/a/tags/list?n=1>; rel=\"next\"\r\n", other.host);
    let server = Server::start(move |_, _| Reply::Http(200, link.clone(), br#"{"tags": ["1"]}"#.to_vec()));
    let (facts, _) = ask(&Registries::default(), &server, &["a"]);
    assert_eq!(facts.tags(&format!("{}/a", server.host)).unwrap(), ["1"]);
    assert!(other.asked().is_empty() && server.asked().len() == 1);
}

#[test]
fn pages_without_end_have_one() {
    let count = Arc::new(AtomicUsize::new(0));
    let server = Server::start(move |_, _| {
        let number = count.fetch_add(1, Ordering::Relaxed);
        let link = format!("Link: </v2/a/tags/list?last={number}>; rel=\"next\"\r\n");
        Reply::Http(200, link, format!(r#"{{"tags": ["{number}"]}}"#).into_bytes())
    });
    let (facts, _) = ask(&Registries::default(), &server, &["a"]);
    assert_eq!(facts.tags(&format!("{}/a", server.host)).unwrap().len(), 20);
    assert_eq!(server.asked().len(), 20);
}

/// A registry that wants a token from `realm`, or from itself.
fn with_tokens(realm: Option<String>) -> Server {
    Server::start(move |own, asked| match (asked.path.starts_with("/token"), &*asked.authorization) {
        (true, _) => ok(r#"{"access_token": "let-me-in"}"#),
        (false, "Bearer let-me-in") => index(&digest("a")),
        (false, _) => {
            let realm = realm.clone().unwrap_or_else(|| format!("http://{own}/token?x=1"));
            let header = format!("WWW-Authenticate: Bearer realm=\"{realm}\",service=\"a b\",scope=\"s\"\r\n");
            Reply::Http(401, header, Vec::new())
        }
    })
}

#[test]
fn a_token_is_fetched_and_kept() {
    let server = with_tokens(None);
    let registries = Registries::default();
    let (facts, complaints) = ask(&registries, &server, &["t/a:1"]);
    assert!(!facts.is_empty(), "{complaints:?}");
    ask(&registries, &server, &["t/a:2"]);
    let token = "/token?x=1&service=a+b&scope=repository%3At%2Fa%3Apull";
    assert_eq!(server.paths(), [token, "/v2/t/a/manifests/1", "/v2/t/a/manifests/1", "/v2/t/a/manifests/2"]);
}

#[test]
fn no_token_is_fetched_over_plain_http_from_a_host_that_nobody_named() {
    let other = with_tokens(None);
    let server = with_tokens(Some(format!("http://{}/token", other.host)));
    let (facts, complaints) = ask(&Registries::default(), &server, &["a:1"]);
    assert!(facts.is_empty() && complaints[0].ends_with("it leads to plain HTTP"), "{complaints:?}");
    assert!(other.asked().is_empty());
}

#[test]
fn without_the_setting_a_host_is_asked_over_https() {
    let server = Server::start(|_, _| index(&digest("a")));
    let wanted =
        Wanted { images: [Reference::of(&format!("{}/a:1", server.host)).unwrap()].into(), ..Wanted::default() };
    let (facts, complaints) = Registries::default().ask(&wanted, &RegistrySettings::default());
    assert!(facts.is_empty() && complaints.len() == 1 && server.asked().is_empty(), "{complaints:?}");
}

#[test]
fn few_requests_run_at_a_time() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(0)));
    let seen = most.clone();
    let server = Server::start(move |_, _| {
        let running = now.fetch_add(1, Ordering::SeqCst) + 1;
        let mut most = seen.lock().unwrap();
        *most = running.max(*most);
        drop(most);
        std::thread::sleep(Duration::from_millis(50));
        now.fetch_sub(1, Ordering::SeqCst);
        index(&digest("a"))
    });
    let names: Vec<String> = (0..20).map(|number| format!("a:{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let registries = Registries::default();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| ask(&registries, &server, &names));
        }
    });
    assert!((2..=4).contains(&*most.lock().unwrap()), "{most:?} at a time");
    assert_eq!(server.asked().len(), 20, "each is asked for once");
}
