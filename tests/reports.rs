//! Reports for other programs: what `dockline check --format …` prints.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
use std::fs;
use std::path::Path;
use std::process::Command;

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::Value;
use tempfile::TempDir;

/// Two errors, one with two related places or a fix, and a warning; characters that XML, commands and URIs escape.
const FILES: [(&str, &str); 4] = [
    ("a,b/Dockerfile", "FROM scratch\nCOPPY \"<&\u{1}😀\" /app\nWORKDIR /src # 100%\n"),
    ("clean/Dockerfile", "FROM scratch\nCOPY app /app\n"),
    ("go/Dockerfile", "FROM golang:1.25\nWORKDIR /src\nCOPY . .\nRUN go build -o /app .\nCMD [\"/app\"]\n"),
    ("go/go.mod", "module example.com/app\n\ngo 1.25\n\nrequire example.com/x v1.0.0\n"),
];

fn project(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn report(folder: &Path, format: &str, more: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dockline"));
    command.current_dir(folder).args(["check", "--format", format]).args(more);
    // No ShellCheck: it would say more.
    command.env("PATH", "");
    let output = command.output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    String::from_utf8(output.stdout).unwrap()
}

fn json(folder: &Path, format: &str, more: &[&str]) -> Value {
    serde_json::from_str(&report(folder, format, more)).unwrap()
}

#[test]
fn sarif_keeps_to_its_schema() {
    let schema: Value = serde_json::from_str(include_str!("schemas/sarif-schema-2.1.0.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let folder = project(&FILES);
    for more in [&[] as &[&str], &["--level", "hint", "--preset", "pedantic"], &["clean"]] {
        let log = json(folder.path(), "sarif", more);
        let errors: Vec<String> =
            validator.iter_errors(&log).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
    let mut broken = json(folder.path(), "sarif", &[]);
    broken["runs"][0]["results"][0]["level"] = "loud".into();
    assert!(!validator.is_valid(&broken), "the schema is not looked at");
}

#[test]
fn sarif_says_all() {
    let folder = project(&FILES);
    let log = json(folder.path(), "sarif", &[]);
    let run = &log["runs"][0];
    assert_eq!((&run["columnKind"], &log["version"]), (&"unicodeCodePoints".into(), &"2.1.0".into()));
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    for result in results {
        let rule = &rules[result["ruleIndex"].as_u64().unwrap() as usize];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(rule["help"]["markdown"].as_str().unwrap().starts_with("# "));
        let print = result["partialFingerprints"]["primaryLocationLineHash"].as_str().unwrap();
        assert!(print.ends_with(":1"), "{print}");
    }
    let of = |rule: &str| results.iter().find(|result| result["ruleId"] == rule).unwrap();
    let typo = of("unknown-instruction");
    let place = &typo["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "a,b/Dockerfile");
    assert_eq!(place["region"]["startLine"], 2);
    let change = &typo["fixes"][0]["artifactChanges"][0];
    assert_eq!(change["replacements"][0]["insertedContent"]["text"], "COPY");
    assert_eq!(change["artifactLocation"]["uri"], "a,b/Dockerfile");
    let late = of("modules-after-source");
    assert_eq!(late["relatedLocations"][0]["physicalLocation"]["artifactLocation"]["uri"], "go/Dockerfile");
}

#[test]
fn github_gets_one_command_a_finding() {
    let folder = project(&FILES);
    let text = report(folder.path(), "github", &["a,b"]);
    let lines: Vec<&str> = text.lines().collect();
    let start = "::error file=a%2Cb/Dockerfile,line=2,endLine=2,col=1,endColumn=5,title=dockline unknown-instruction::";
    assert!(lines[0].starts_with(start), "{text}");
    assert!(lines.iter().all(|line| line.starts_with("::") && line.contains(" file=a%2Cb/Dockerfile,line=")), "{text}");
    assert!(lines.iter().any(|line| line.starts_with("::warning ")), "{text}");
    assert_eq!(report(folder.path(), "github", &["clean"]), "");
}

#[test]
fn gitlab_knows_a_finding_again() {
    let folder = project(&FILES);
    let prints = |report: &Value| -> Vec<String> {
        report.as_array().unwrap().iter().map(|issue| issue["fingerprint"].as_str().unwrap().to_owned()).collect()
    };
    let before = json(folder.path(), "gitlab", &["a,b"]);
    let issue = &before[0];
    assert_eq!(issue["check_name"], "unknown-instruction");
    assert_eq!((&issue["severity"], &issue["location"]["lines"]["begin"]), (&"critical".into(), &2.into()));
    assert_eq!(issue["location"]["path"], "a,b/Dockerfile");
    fs::write(folder.path().join("a,b/Dockerfile"), format!("# new\n\n{}", FILES[0].1)).unwrap();
    let after = json(folder.path(), "gitlab", &["a,b"]);
    assert_eq!(after[0]["location"]["lines"]["begin"], 4);
    assert_eq!(prints(&before), prints(&after));
    // The same line twice: two findings all the same.
    fs::write(folder.path().join("a,b/Dockerfile"), "FROM scratch\nCOPPY a /\nCOPPY a /\n").unwrap();
    let twice = prints(&json(folder.path(), "gitlab", &["a,b"]));
    assert!(twice.len() == 2 && twice[0] != twice[1], "{twice:?}");
    assert_eq!(json(folder.path(), "gitlab", &["clean"]), serde_json::json!([]));
}

/// The elements of a document with their attributes; panics when it is not well-formed.
fn elements(text: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut reader = Reader::from_str(text);
    let mut found = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => return found,
            Event::Start(tag) | Event::Empty(tag) => {
                let attributes = tag.attributes().map(|attribute| {
                    let attribute = attribute.unwrap();
                    let key = attribute.key.as_ref().to_owned();
                    (key, attribute.normalized_value(quick_xml::XmlVersion::Explicit1_0).unwrap().into_owned())
                });
                let attributes = attributes.collect();
                found.push((tag.name().as_ref().to_owned(), attributes));
            }
            _ => {}
        }
    }
}

fn get<'e>(element: &'e (String, Vec<(String, String)>), key: &str) -> &'e str {
    element.1.iter().find(|(name, _)| name == key).map_or("", |(_, value)| value)
}

#[test]
fn checkstyle_is_xml() {
    let folder = project(&FILES);
    let text = report(folder.path(), "checkstyle", &[]);
    assert!(text.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<checkstyle "), "{text}");
    let all = elements(&text);
    let files: Vec<&str> = all.iter().filter(|(name, _)| name == "file").map(|file| get(file, "name")).collect();
    assert_eq!(files, ["a,b/Dockerfile", "clean/Dockerfile", "go/Dockerfile"]);
    let error = all.iter().find(|(name, _)| name == "error").unwrap();
    assert_eq!((get(error, "line"), get(error, "column"), get(error, "severity")), ("2", "1", "error"));
    assert_eq!(get(error, "source"), "dockline.unknown-instruction");
    assert!(get(error, "message").starts_with("`COPPY` is no instruction"));
    assert!(!text.contains('\u{1}'));
}

#[test]
fn junit_fails_as_the_run_does() {
    let folder = project(&FILES);
    let count = |text: &str, element: &str| elements(text).iter().filter(|(name, _)| name == element).count();
    let text = report(folder.path(), "junit", &[]);
    let all = elements(&text);
    assert_eq!(get(&all[0], "tests"), count(&text, "testcase").to_string());
    assert_eq!(get(&all[0], "failures"), count(&text, "failure").to_string());
    assert_eq!(count(&text, "testsuite"), 3);
    let errors = report(folder.path(), "junit", &["--fail-on", "error"]);
    assert!(count(&errors, "failure") < count(&text, "failure") && count(&errors, "system-out") > 0, "{errors}");
    assert_eq!(count(&errors, "testcase"), count(&text, "testcase"));
    let clean = report(folder.path(), "junit", &["clean"]);
    assert_eq!((count(&clean, "testcase"), count(&clean, "failure")), (1, 0), "{clean}");
}

#[test]
fn a_report_goes_to_a_file() {
    let folder = project(&FILES);
    for format in ["text", "sarif"] {
        assert_eq!(report(folder.path(), format, &["--output", "report"]), "");
        let text = fs::read_to_string(folder.path().join("report")).unwrap();
        assert!(text.contains("unknown-instruction") && !text.contains('\u{1b}'), "{text}");
    }
}
