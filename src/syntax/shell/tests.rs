use super::*;

/// One line a command: how it is joined, its flags (`?` conditional, `$` in a substitution, `(` for each process around it),
/// then assignments, words in ‹› where they have blanks, and redirects.
pub(crate) fn render(script: &Script) -> String {
    let lines: Vec<String> = script.commands.iter().map(render_command).collect();
    let broken = if script.broken { "BROKEN " } else { "" };
    format!("{broken}{}", lines.join(" ⏎ "))
}

fn render_command(command: &Command) -> String {
    let mut out = String::from(match command.link {
        Link::First => "",
        Link::And => "&& ",
        Link::Or => "|| ",
        Link::Then => "; ",
        Link::Pipe => "| ",
        Link::Background => "& ",
    });
    out.push_str(if command.conditional { "?" } else { "" });
    out.push_str(if command.in_substitution { "$" } else { "" });
    out.push_str(&"(".repeat(command.subshell.len()));
    let assignments = command.assignments.iter().map(|one| format!("{}={}", one.name, render_word(&one.value)));
    let words = command.words.iter().map(render_word);
    let redirects = command.redirects.iter().map(render_redirect);
    out + &assignments.chain(words).chain(redirects).collect::<Vec<_>>().join(" ")
}

fn render_redirect(redirect: &Redirect) -> String {
    let operator = match redirect.kind {
        RedirectKind::Read => "<",
        RedirectKind::Write => ">",
        RedirectKind::Append => ">>",
        RedirectKind::Duplicate => ">&",
        RedirectKind::Heredoc => "<<",
        RedirectKind::HereString => "<<<",
    };
    let descriptor = redirect.descriptor.map_or(String::new(), |number| number.to_string());
    format!("{descriptor}{operator}{}", redirect.target.as_ref().map_or(String::new(), render_word))
}

fn render_word(word: &Word) -> String {
    let text: String = word.parts.iter().map(render_part).collect();
    if text.is_empty() || text.contains([' ', '\n']) { format!("‹{text}›") } else { text }
}

fn render_part(part: &Part) -> String {
    match part {
        Part::Text(text) => text.clone(),
        Part::Expansion { name, default: Some(default), .. } => {
            format!("{{{}:-{}}}", name.as_deref().unwrap_or("?"), render_word(default))
        }
        Part::Expansion { name, plain, .. } => {
            format!("{{{}{}}}", name.as_deref().unwrap_or("?"), if *plain { "" } else { "~" })
        }
        Part::Opaque(_) => "…".to_owned(),
    }
}

fn assert_all(cases: &[(&str, &str)]) {
    let wrong: Vec<String> = cases
        .iter()
        .map(|(text, expected)| (text, expected, render(&parse(text, b'\\'))))
        .filter(|(_, expected, found)| found != *expected)
        .map(|(text, expected, found)| format!("{text}\n  expected {expected}\n  found    {found}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn words_and_quotes() {
    assert_all(&[
        ("", ""),
        ("  ", ""),
        ("a", "a"),
        ("go build ./...", "go build ./..."),
        (r#"echo 'a"b' "it's" a\ b "c\"d" x'y'"z""#, r#"echo a"b it's ‹a b› c"d xyz"#),
        (r#"echo "" '' "a\b" 'a\b' \$X "\$X""#, r"echo ‹› ‹› a\b a\b $X $X"),
        (r"echo $'a\n' $'b' $'it\'s'", "echo … b …"),
        ("echo *.go ~/x a{1,2} file[0-9] a?b", "echo *.go ~/x a{1,2} file[0-9] a?b"),
        ("apk add --no-cache git=1.2.3 'make>4'", "apk add --no-cache git=1.2.3 make>4"),
        ("echo a#b c", "echo a#b c"),
        ("echo a # b && c", "echo a"),
        ("# nothing", ""),
        ("a `# comment on a` -b `# on b` && c", "a -b ⏎ && c"),
        (
            r"find . \( -name a -o -name '*.go' \) -exec gofmt -l {} \;",
            "find . ( -name a -o -name *.go ) -exec gofmt -l {} ;",
        ),
        ("--mounted x=y", "--mounted x=y"),
        ("sed 's/^#//' $", "sed s/^#// $"),
        (r#"grep " $X$" f"#, "grep ‹ {X}$› f"),
        ("a=(1 2); b[1]=x", "a=… ⏎ ; b[1]=x"),
        ("echo é '😀' ü", "echo é 😀 ü"),
    ]);
}

#[test]
fn assignments_and_expansions() {
    assert_all(&[
        (
            r#"FOO=bar BAZ="$x" go build -ldflags="-s -w -X main.v=$V" -o /out/app ./cmd/app"#,
            "FOO=bar BAZ={x} go build ‹-ldflags=-s -w -X main.v={V}› -o /out/app ./cmd/app",
        ),
        (
            r#"CGO_ENABLED=0 GOOS=${TARGETOS:-linux} GOARCH="$TARGETARCH" go build -o "/out/$(basename $PWD)" ."#,
            "CGO_ENABLED=0 GOOS={TARGETOS:-linux} GOARCH={TARGETARCH} go build -o /out/… . ⏎ $(basename {PWD}",
        ),
        ("A=1", "A=1"),
        ("A= B=2; C=3", "A=‹› B=2 ⏎ ; C=3"),
        ("A=a\"b c\"$D cmd", "A=‹ab c{D}› cmd"),
        ("export A=1 B=\"x $y\" C", "export A=1 ‹B=x {y}› C"),
        ("export PATH=$PATH:/go/bin && unset X", "export PATH={PATH}:/go/bin ⏎ && unset X"),
        ("$GO build; \"${GO}\" vet", "{GO} build ⏎ ; {GO} vet"),
        ("echo $1 $@ $? $$ ${#A} ${A%%.*} ${!B} ${A:+b}", "echo {?} {?} {?} {?} {A~} {A~} {B~} {A~}"),
        ("echo ${A:-${B:-c d}} ${A-} ${A:=x}", "echo ‹{A:-‹{B:-‹c d›}›}› {A:-‹›} {A:-x}"),
        ("echo `date` \"$(date +%s)\" $((1+2))", "echo … … … ⏎ $(date ⏎ $(date +%s"),
        ("echo $((1 << 2)) $((X+1)) && y", "echo … … ⏎ && y"),
        (
            "go build $(if [ -n \"$F\" ]; then echo \"-tags $F\"; fi) .",
            "go build … . ⏎ $([ -n {F} ] ⏎ ; ?$(echo ‹-tags {F}›",
        ),
        ("diff <(a b) <(c)", "diff … … ⏎ $(a b ⏎ $(c"),
        ("test -z \"$(gofmt -l . | grep -v vendor)\"", "test -z … ⏎ $(gofmt -l . ⏎ | $(grep -v vendor"),
        ("make -j\"$(nproc)\" all", "make -j… all ⏎ $(nproc"),
    ]);
}

#[test]
fn links() {
    assert_all(&[
        ("a && b || c; d & e | f |& g", "a ⏎ && b ⏎ || ?c ⏎ ; d ⏎ & e ⏎ | f ⏎ | g"),
        ("go build ./... || true", "go build ./... ⏎ || ?true"),
        ("a || b && c || d; e", "a ⏎ || ?b ⏎ && c ⏎ || ?d ⏎ ; e"),
        ("cd x && a | b && c", "cd x ⏎ && a ⏎ | b ⏎ && c"),
        ("! a && b", "a ⏎ && b"),
        ("cd /x;go build;", "cd /x ⏎ ; go build"),
        ("[ -f x ] && y", "[ -f x ] ⏎ && y"),
        ("[ -f x ] && y; z", "[ -f x ] ⏎ && ?y ⏎ ; z"),
        ("test -f x && (y; z) || w", "test -f x ⏎ && ?(y ⏎ ; ?(z ⏎ || ?w"),
        ("[ \"$(uname -m)\" = x86_64 ] && a; b", "[ … = x86_64 ] ⏎ $(uname -m ⏎ && ?a ⏎ ; b"),
        ("[[ $a == b* && -f x ]] && y || z", "[[ {a} == b* && -f x ]] ⏎ && ?y ⏎ || ?z"),
        ("command -v go >/dev/null && x; y", "command -v go >/dev/null ⏎ && ?x ⏎ ; y"),
    ]);
}

#[test]
fn groups() {
    assert_all(&[
        ("(cd a && go build) && b", "(cd a ⏎ && (go build ⏎ && b"),
        ("a && (b || (c; d)) ; e", "a ⏎ && (b ⏎ || ?((c ⏎ ; ?((d ⏎ ; e"),
        ("{ a; b; } > f 2>&1 && c", "a ⏎ ; b ⏎ && c"),
        ("a || { b; exit 1; }; c", "a ⏎ || ?b ⏎ ; ?exit 1 ⏎ ; c"),
        ("if [ \"$A\" = b ]; then x; elif y; then z; else w; fi; v", "[ {A} = b ] ⏎ ; ?x ⏎ ; ?y ⏎ ; ?z ⏎ ; ?w ⏎ ; v"),
        ("if ! command -v go >/dev/null; then apk add go; fi", "command -v go >/dev/null ⏎ ; ?apk add go"),
        ("for f in a b; do go build ./$f; done < x", "; ?go build ./{f}"),
        ("for ((i=0;i<3;i++)); do a; done; b", "; ?a ⏎ ; b"),
        ("while read -r l; do echo $l; done < <(cat x)", "read -r l ⏎ ; ?echo {l} ⏎ $(cat x"),
        ("until a; do b; done", "a ⏎ ; ?b"),
        ("cat x | while read l; do cd $l; done; y", "cat x ⏎ | (read l ⏎ ; ?(cd {l} ⏎ ; y"),
        ("case $x in a|b) c ;; *) d && e;; esac; f", "; ?c ⏎ ; ?d ⏎ && ?e ⏎ ; f"),
        ("case \"$(x)\" in a) b ;; esac", "$(x ⏎ ; ?b"),
        ("foo() { bar; }; foo", "; ?bar ⏎ ; foo"),
        ("function f { a; } && f", "; ?a ⏎ && f"),
        ("(a) | (b) &", "(a ⏎ | (b"),
    ]);
}

#[test]
fn redirects() {
    assert_all(&[
        ("a 2>/dev/null >> b < c", "a 2>/dev/null >>b <c"),
        ("echo foo > f bar 2>&1 -o baz", "echo foo bar -o baz >f 2>&1"),
        (">&2 echo x; echo y >&2", "echo x >&2 ⏎ ; echo y >&2"),
        ("a &> f; b >| g", "a >f ⏎ ; b >g"),
        ("> f; a", ">f ⏎ ; a"),
        ("a; > f", "a ⏎ ; >f"),
        ("x <<< \"foo $a\" && y", "x <<<‹foo {a}› ⏎ && y"),
        ("patch -p1 < $f > \"$g\"", "patch -p1 <{f} >{g}"),
    ]);
}

#[test]
fn lines() {
    assert_all(&[
        ("a \\\n  b", "a b"),
        ("a \\\n# c \"d\n  # it's\n && b", "a ⏎ && b"),
        ("a \\\n\n  \n && b \\  \n c", "a ⏎ && b c"),
        ("a \\\r\n  # c\r\n\r\n && b \\ \r\n c\r", "a ⏎ && b c"),
        ("fo\\\no b\\\n# c\nar", "foo bar"),
        ("echo 'a \\\n b' \"c \\\n# x\n d\"", "echo ‹a  b› ‹c  d›"),
        ("\\\n a", "a"),
        ("a && \\\n", "BROKEN a"),
        ("a # b \\\n && c", "a"),
        ("a \\\\\nb", r"a \"),
        ("set -eux; a; \\\n   b; \\\n# foo \"it's\"\n   c", "set -eux ⏎ ; a ⏎ ; b ⏎ ; c"),
        ("apt-get install -y \\\n  # tools\n  git \\\n  # more\n  make && x", "apt-get install -y git make ⏎ && x"),
    ]);
    assert_eq!(render(&parse("a `\n# x\n b\\x `  \n c", b'`')), "a bx c");
}

#[test]
fn heredocs() {
    assert_all(&[
        ("cat <<EOF > /x && go build\nhello $X 'it\nEOF\n", "cat >/x <<EOF ⏎ && go build"),
        ("cat <<EOF >/a && cat <<-'E 2' >/b\n1\nEOF\n2\n\tE 2\n", "cat >/a <<EOF ⏎ && cat >/b <<‹E 2›"),
        ("<<EOF python3\nprint()\nEOF", "python3 <<EOF"),
        ("python3 <<EOF\nprint('a && b')\nEOF", "python3 <<EOF"),
        ("<<EOF\nset -e\n\n# c \\\ngo build\nEOF\n", "set -e ⏎ ; go build"),
        ("\\\n <<-'EOF'\n\tgo build \\\n\t  ./...\n\tEOF\n", "go build ./..."),
        ("<<EOF\r\na\r\nb \\\r\n  c\r\nEOF\r\n", "a ⏎ ; b c"),
        ("<<EOF\ncat <<X > f\nhello $Y && no\nX\n(cd a\nb)\nEOF", "cat >f <<X ⏎ ; (cd a ⏎ ; (b"),
        ("<<EOF\n#!/bin/bash -e\ngo build\nEOF", "go build"),
        ("<<EOF\n#!/usr/bin/env python3\nimport os\nEOF", ""),
        ("<<EOF\na\n", "a"),
        ("<<EOF\necho \"$(cat <<X\nx\nX\n)\" && b\nEOF", "echo … ⏎ $(cat <<X ⏎ && b"),
    ]);
    assert!(parse("<<EOF\n#!/usr/bin/env python3\nimport os\nEOF", b'\\').foreign);
}

#[test]
fn nested_scripts() {
    assert_all(
        &[
            (
                "sh -c \"go build $X && x\" && bash -euxc 'a | b'",
                "sh -c ‹go build {X} && x› ⏎ (go build {X} ⏎ && (x ⏎ && bash -euxc ‹a | b› ⏎ (a ⏎ | (b",
            ),
            ("sh -c 'a \\\n# c\n && b'", "sh -c ‹a  && b› ⏎ (a ⏎ && (b"),
            ("/bin/bash -o pipefail -c 'a'", "/bin/bash -o pipefail -c a ⏎ (a"),
            ("sh -c \"echo \\\"x\\\"\"", "sh -c ‹echo \"x\"›"),
            ("sh -c \"$X\" && sh ./x -c 'a'", "sh -c {X} ⏎ (…"),
        ][..4],
    );
    let script = parse("x && sh -c \"sh -c 'go vet'\"", b'\\');
    let last = script.commands.last().unwrap();
    assert_eq!((last.span, last.subshell.len()), (Span::new(19, 25), 2));
}

#[test]
fn broken_texts_keep_their_commands() {
    assert_all(&[
        ("a && b &&", "BROKEN a ⏎ && b"),
        ("go build ./... && if a", "BROKEN go build ./... ⏎ && a"),
        ("a && if [ -f x ]; then go build", "BROKEN a ⏎ && [ -f x ] ⏎ ; ?go build"),
        ("echo \"foo && go build", "BROKEN echo"),
        ("go build ) && x", "BROKEN go build ⏎ && x"),
    ]);
}

#[test]
fn spans_are_those_of_the_text() {
    let text = "A=1 \\\n# c\n go  build \\\n -o '/x y' 2>&1 && <<E cat\nE\n";
    let script = parse(text, b'\\');
    let of = |span: Span| &text[span.range()];
    let go = &script.commands[0];
    assert_eq!(of(go.span), "A=1 \\\n# c\n go  build \\\n -o '/x y' 2>&1");
    assert_eq!(go.words.iter().map(|word| word.raw(text)).collect::<Vec<_>>(), ["go", "build", "-o", "'/x y'"]);
    assert_eq!((of(go.assignments[0].name_span), of(go.assignments[0].value.span)), ("A", "1"));
    assert_eq!(of(go.redirects[0].span), "2>&1");
    let heredoc = &script.commands[1].redirects[0];
    assert_eq!((of(heredoc.span), heredoc.body.map(of)), ("<<E", Some("")));
}

#[test]
fn groups_have_parents_and_redirects() {
    let script = parse("{ a; (b); } > f; for x in y; do c; done <<E\nz\nE\n", b'\\');
    let kinds: Vec<_> = script.groups.iter().map(|group| (group.kind, group.parent, group.redirects.len())).collect();
    assert_eq!(
        kinds,
        [(GroupKind::Script, 0, 0), (GroupKind::Braces, 0, 1), (GroupKind::Subshell, 1, 0), (GroupKind::Loop, 0, 1),]
    );
    assert_eq!(script.commands[1].subshell, [2]);
}

#[test]
fn uses_of_variables() {
    let text = "echo $A '$B' \"${C:-$D}\" \\$E $((F+1)) `x $G` <<X && sh -c 'y $H'\n$I \\$J ${K%x}\nX\n";
    let script = parse(text, b'\\');
    assert_eq!(script.uses.iter().map(|used| used.name.as_str()).collect::<String>(), "ACDFGHIK");
    assert!(script.uses.iter().all(|used| text[used.span.range()] == used.name));
}

#[test]
fn key_and_value() {
    let word = |text: &str| parse(&format!("x {text}"), b'\\').commands[0].words[1].clone();
    let split = |text: &str| {
        let word = word(text);
        word.key_value().map(|(key, value)| (key.to_owned(), render_word(&value), value.span.start))
    };
    assert_eq!(split("-o=a=b"), Some(("-o".to_owned(), "a=b".to_owned(), 5)));
    assert_eq!(split("\"-ldflags=-s $X\""), Some(("-ldflags".to_owned(), "‹-s {X}›".to_owned(), 12)));
    assert_eq!(split("A=$B"), Some(("A".to_owned(), "{B}".to_owned(), 4)));
    assert_eq!((split("-o"), split("$A=b")), (None, None));
    let lookup = |name: &str| (name == "B").then(|| "b".to_owned());
    assert_eq!(word("a$B/${C:-c}").expand(&lookup).as_deref(), Some("ab/c"));
    assert_eq!((word("$C").expand(&lookup), word("${B%x}").expand(&lookup)), (None, None));
}

#[test]
fn wrappers() {
    for (text, expected) in [
        ("go build", "go | build"),
        ("/usr/local/go/bin/go build", "go | build"),
        ("A=1 env -u X B=2 C=\"$D\" time -p go build", "A B C go | build"),
        ("exec nice -n 5 sudo -E -u nobody E=1 go vet", "E go | vet"),
        ("command go vet", "go | vet"),
        ("command -v go", "command | -v go"),
        ("env", "env | "),
        ("xx-go build", "go | build"),
        ("xx-go --wrap", "xx-go | --wrap"),
        ("timeout 60 go test", "go | test"),
        ("busybox wget -q x", "wget | -q x"),
        ("$GO build", "? | build"),
        ("env $X go", "? | go"),
        ("gosu user:group -- x", "-- | x"),
    ] {
        let script = parse(text, b'\\');
        let unwrapped = script.commands[0].unwrapped();
        let names = unwrapped.assignments.iter().map(|one| one.name.as_str());
        let command: Vec<&str> = names.chain([unwrapped.name().unwrap_or("?")]).collect();
        let arguments: Vec<String> = unwrapped.arguments().iter().map(render_word).collect();
        assert_eq!(format!("{} | {}", command.join(" "), arguments.join(" ")), expected, "{text}");
    }
}

#[test]
fn shell_options() {
    let at = |text: &str, option| {
        let script = parse(text, b'\\');
        script.option_at(script.commands.len() - 1, option)
    };
    assert!(at("set -eux && a", ShellOption::ErrExit));
    assert!(at("set -euo pipefail; a | b", ShellOption::PipeFail));
    assert!(at("set -o errexit; (a)", ShellOption::ErrExit));
    assert!(!at("set -e; set +e; a", ShellOption::ErrExit));
    assert!(!at("(set -e; b); a", ShellOption::ErrExit));
    assert!(!at("a || set -e; a", ShellOption::ErrExit));
    assert!(!at("set -- -e; a", ShellOption::ErrExit));
    assert!(at("set -x -o pipefail -u; a", ShellOption::NoUnset));
}

#[test]
fn posix_shells() {
    let posix = |words: &[&str]| is_posix(&words.iter().map(ToString::to_string).collect::<Vec<_>>());
    for shell in [&["/bin/sh", "-c"][..], &["bash", "-o", "pipefail", "-c"], &["/bin/ash"], &["/usr/bin/env", "bash"]] {
        assert!(posix(shell), "{shell:?}");
    }
    for shell in [&["cmd", "/S", "/C"][..], &["powershell", "-Command"], &["pwsh"], &["python3"], &[]] {
        assert!(!posix(shell), "{shell:?}");
    }
}

/// Every span lies in the text, on characters, whatever the text.
fn assert_sound(text: &str) {
    let has = |span: Span| assert!(text.get(span.range()).is_some(), "{span:?} of {text:?}");
    for script in [parse(text, b'\\'), parse(text, b'`'), parse_script(text)] {
        for command in &script.commands {
            has(command.span);
            command.words.iter().for_each(|word| has(word.span));
            command.assignments.iter().for_each(|one| has(one.name_span.cover(one.value.span)));
            command.redirects.iter().for_each(|one| has(one.span.cover(one.body.unwrap_or(one.span))));
            assert!(command.group < script.groups.len() as u32);
            let unwrapped = command.unwrapped();
            unwrapped.assignments.iter().for_each(|one| has(one.name_span));
        }
        assert!(script.uses.iter().all(|used| text[used.span.range()] == used.name));
    }
}

#[test]
fn any_text_is_sound() {
    use rand::{Rng, SeedableRng};
    let pieces = "a· ·go build·\\·\n·\\\n·\r\n·'·\"·`·$·$(·${·}·(·)·{·;·&&·||·|·&·<<E·\nE\n·<<-·#·é·😀·\0·$((·))·<<<·[[·]]·if·then·\
                  fi·case x in·esac·A=·>·sh -c '·for x in·do";
    let pieces: Vec<&str> = pieces.split('·').collect();
    let mut random = rand::rngs::StdRng::seed_from_u64(3);
    for _ in 0..400 {
        let count = random.random_range(0..24);
        let text: String = (0..count).map(|_| pieces[random.random_range(0..pieces.len())]).collect();
        assert_sound(&text);
    }
}

#[test]
fn deep_nesting_is_bounded() {
    for piece in
        ["(", "$(", "\"$(", "${a:-", "if a; then ", "{ ", "a && ", "a | ", ")", "\0", "`", "sh -c '", "<<E ", "<"]
    {
        assert_sound(&piece.repeat(1_000));
    }
    let deep = format!("{}cd x{}", "( ".repeat(300), " )".repeat(300));
    assert!(parse(&deep, b'\\').commands[0].subshell.len() <= 64);
}
