//! `dockline check` and registries, by one on loopback.
use std::fs;

use crate::registry_server::{Reply, Server, digest, index};
use crate::{dockline, project, run, texts};

#[test]
fn registries_are_asked_where_somebody_wants_it() {
    let server = Server::start(|_, asked| match &*asked.path {
        "/v2/app/manifests/1.0" => index(&digest("a")),
        _ => Reply::Http(404, String::new(), Vec::new()),
    });
    let from = format!("FROM --platform=linux/s390x {}/app:1.0\nCMD [\"/app\"]\n", server.host);
    let folder = project(&[("Dockerfile", &from), ("a/Dockerfile", &from)]);
    let insecure = format!("[registry]\ninsecure = [\"{}\"]\n", server.host);
    fs::write(folder.path().join("own.toml"), &insecure).unwrap();
    let only = ["check", "--rules", "base-image-platform", "--config", "own.toml"];
    assert_eq!(run(folder.path(), &only).0, 0);
    assert!(server.asked().is_empty(), "nobody wants it");
    let (code, output, errors) = run(folder.path(), &[&only[..], &["--registry"]].concat());
    assert!(code == 1 && output.contains("has no image for linux/s390x"), "{code} {output} {errors}");
    let hosts = errors.lines().filter(|line| line.contains(&server.host)).count();
    assert_eq!((hosts, server.asked().len()), (1, 2), "each is asked for once, and told of once: {errors}");
    fs::write(folder.path().join("own.toml"), format!("{insecure}enabled = true\n")).unwrap();
    assert_eq!(run(folder.path(), &only).0, 1);
}

#[test]
fn a_project_does_not_say_so() {
    let server = Server::start(|_, _| index(&digest("a")));
    let from = format!("FROM --platform=linux/s390x {}/app:1.0\nCMD [\"/app\"]\n", server.host);
    let settings = format!("[registry]\nenabled = true\ninsecure = [\"{}\"]\n", server.host);
    let folder = project(&[("Dockerfile", &from), ("dockline.toml", &settings)]);
    let (code, _, errors) = run(folder.path(), &["check", "--rules", "base-image-platform"]);
    assert!(code == 0 && errors.contains("registry is for the editor's settings"), "{code} {errors}");
    assert!(server.asked().is_empty());
}

#[test]
fn who_does_not_answer_changes_no_exit_code() {
    let server = Server::start(|_, _| Reply::Raw(Vec::new()));
    let from = format!("FROM {}/app:1.0\nCMD [\"/app\"]\n", server.host);
    let settings = format!("[registry]\nenabled = true\ninsecure = [\"{}\"]\n", server.host);
    let folder = project(&[("Dockerfile", &from), ("own.toml", &settings)]);
    let mut command = dockline(folder.path(), &["check", "--config", "own.toml", "--rules", "base-image-platform"]);
    let (code, _, errors) = texts(&command.output().unwrap());
    assert!(code == 0 && errors.lines().filter(|line| line.contains(&server.host)).count() == 1, "{code} {errors}");
}
