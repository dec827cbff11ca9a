//! What the server does with registries, by one on loopback; Debian's own registry is asked in tests/registry.sh.
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::lsp_client::{Client, URI, edit, range};
use crate::registry_server::{Asked, Reply, Server, digest, index, ok};

/// Long enough for whatever is asked once nothing is typed.
const SILENCE: Duration = Duration::from_millis(1_200);

/// `app` with the tags 1.0 and 1.1.
fn app(asked: &Asked) -> Reply {
    match &*asked.path {
        "/v2/app/tags/list?n=1000" => ok(r#"{"tags": ["1.0", "1.1", "1.2-rc1"]}"#),
        "/v2/app/manifests/1.0" => index(&digest("a")),
        _ => Reply::Http(404, String::new(), Vec::new()),
    }
}

fn settings(server: &Server) -> Value {
    json!({ "registry": { "enabled": true, "insecure": [server.host], "timeout": 5 } })
}

fn start(server: &Server, docker_config: &str) -> Client {
    let mut client = Client::spawn(&[("DOCKER_CONFIG", docker_config)]);
    let literal = json!({ "codeActionLiteralSupport": { "codeActionKind": { "valueSet": [] } } });
    let capabilities = json!({ "textDocument": { "codeAction": literal } });
    client.initialize(json!({ "capabilities": capabilities, "initializationOptions": settings(server) }));
    client
}

/// Waits for diagnostics that hold the finding, or don't.
fn published(client: &mut Client, wanted: bool) {
    loop {
        let message = client.wait_for("textDocument/publishDiagnostics");
        let found = message["params"]["diagnostics"].as_array().unwrap();
        if found.iter().any(|found| found["code"] == "base-image-platform") == wanted {
            return;
        }
    }
}

fn titles(client: &mut Client) -> Vec<String> {
    let params = json!({ "range": range(0, 0, 0, 1), "context": { "diagnostics": [] } });
    let actions = client.about("codeAction", params);
    let titles = actions.as_array().unwrap().iter().map(|action| action["title"].as_str().unwrap().to_owned());
    titles.filter(|title| title.starts_with("pin ") || title.starts_with("update ")).collect()
}

#[test]
fn what_it_says_is_shown() {
    let server = Server::start(|_, asked| app(asked));
    let mut client = start(&server, "");
    let from = format!("FROM --platform=linux/s390x {}/app:1.0\n", server.host);
    client.open(&from);
    published(&mut client, true);
    let hover = client.about("hover", json!({ "position": { "line": 0, "character": from.len() - 3 } }));
    let text = hover["contents"]["value"].as_str().unwrap();
    assert!(text.contains(&digest("a")) && text.contains("linux/arm64") && text.contains("1.1"), "{text}");
    let pin = format!("pin {}/app:1.0 to its digest", server.host);
    assert_eq!(titles(&mut client), [pin, format!("update {}/app to 1.1", server.host)]);
    client.change(2, json!([edit(0, 16, 27, "linux/arm64")]));
    published(&mut client, false);
    assert_eq!(server.asked().len(), 2, "what is known is not asked again");
    let at = from.len() as u32 - 2;
    client.change(3, json!([edit(0, at, at + 1, "")]));
    let list = client.about("completion", json!({ "position": { "line": 0, "character": at } }));
    let labels: Vec<&str> =
        list["items"].as_array().unwrap().iter().map(|item| item["label"].as_str().unwrap()).collect();
    assert_eq!(labels, ["1.1", "1.0", "1.2-rc1"]);
}

#[test]
fn nobody_is_asked_without_the_setting() {
    let server = Server::start(|_, asked| app(asked));
    let folder = tempfile::tempdir().unwrap();
    let text = format!("[registry]\nenabled = true\ninsecure = [\"{}\"]\n", server.host);
    std::fs::write(folder.path().join("dockline.toml"), text).unwrap();
    let mut client = Client::start(&json!({}));
    let from = format!("FROM {}/app:1.0\n", server.host);
    client.open(&from);
    client.open_as(&format!("file://{}/Dockerfile", folder.path().display()), &from);
    let about = |message: &Value| {
        let said = message["params"]["message"].as_str().unwrap_or_default();
        said.contains("registry is for the editor's settings")
    };
    client.wait(about);
    std::thread::sleep(SILENCE);
    assert_eq!(titles(&mut client), Vec::<String>::new());
    assert!(server.asked().is_empty(), "{:?}", server.paths());
}

#[test]
fn who_waits_for_a_registry_keeps_nobody_waiting() {
    let server = Server::start(|_, _| Reply::Silence);
    let mut client = start(&server, "");
    client.open(&format!("FROM {}/app:1.0\nRUN true\n", server.host));
    while server.asked().is_empty() {
        std::thread::sleep(Duration::from_millis(10));
    }
    for version in 2..12 {
        let begin = Instant::now();
        client.change(version, json!([edit(1, 4, 4, "x")]));
        client.about("hover", json!({ "position": { "line": 0, "character": 1 } }));
        client.published(version);
        assert!(begin.elapsed() < Duration::from_secs(2), "{:?}", begin.elapsed());
    }
    let logged = client.wait(|message| {
        message["params"]["message"]
            .as_str()
            .is_some_and(|said| said.starts_with(&format!("{}, asked for", server.host)))
    });
    assert!(logged["params"]["message"].as_str().unwrap().ends_with("it does not answer in time"), "{logged}");
    client.notify("textDocument/didClose", json!({ "textDocument": { "uri": URI } }));
}

#[test]
fn credentials_are_for_their_registry_alone() {
    let wants = |asked: &Asked| {
        if asked.authorization == "Basic YTpi" {
            app(asked)
        } else {
            Reply::Http(401, "WWW-Authenticate: Basic realm=\"x\"\r\n".to_owned(), Vec::new())
        }
    };
    let basic = Server::start(move |_, asked| wants(asked));
    let folder = tempfile::tempdir().unwrap();
    let config = json!({ "auths": { &basic.host: { "auth": "YTpi" } }, "credsStore": "never-run" });
    std::fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
    let other = Server::start(move |_, asked| wants(asked));
    let mut client = Client::spawn(&[("DOCKER_CONFIG", folder.path().to_str().unwrap())]);
    let settings = json!({ "registry": { "enabled": true, "insecure": [basic.host, other.host] } });
    client.initialize(json!({ "capabilities": {}, "initializationOptions": settings }));
    client.open(&format!("FROM {}/app:1.0 AS a\nFROM --platform=linux/s390x {}/app:1.0\n", other.host, basic.host));
    published(&mut client, true);
    assert!(other.asked().iter().all(|asked| asked.authorization.is_empty()), "{:?}", other.asked());
    let sent = basic.asked();
    assert!(sent.iter().any(|asked| asked.authorization.is_empty()), "the first question has none: {sent:?}");
    assert!(sent.iter().any(|asked| asked.authorization == "Basic YTpi"), "{sent:?}");
}

#[test]
fn a_token_server_gets_credentials_and_the_registry_its_token() {
    let tokens = Server::start(|_, asked| match &*asked.authorization {
        "Basic YTpi" => ok(r#"{"token": "abc"}"#),
        _ => Reply::Http(401, String::new(), Vec::new()),
    });
    let realm = tokens.host.clone();
    let server = Server::start(move |_, asked| match &*asked.authorization {
        "Bearer abc" => app(asked),
        _ => Reply::Http(401, format!("WWW-Authenticate: Bearer realm=\"http://{realm}/token\"\r\n"), Vec::new()),
    });
    let folder = tempfile::tempdir().unwrap();
    let config = json!({ "auths": { &server.host: { "auth": "YTpi" } } });
    std::fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
    let mut client = Client::spawn(&[("DOCKER_CONFIG", folder.path().to_str().unwrap())]);
    let settings = json!({ "registry": { "enabled": true, "insecure": [server.host, tokens.host] } });
    client.initialize(json!({ "capabilities": {}, "initializationOptions": settings }));
    client.open(&format!("FROM --platform=linux/s390x {}/app:1.0\n", server.host));
    published(&mut client, true);
    assert!(server.asked().iter().all(|asked| !asked.authorization.starts_with("Basic")), "{:?}", server.asked());
    assert!(
        tokens.asked().iter().all(|asked| asked.path == "/token?scope=repository%3Aapp%3Apull"),
        "{:?}",
        tokens.paths()
    );
}
