#!/usr/bin/env python3
"""Records what BuildKit says about every case in cases/*.txt.

    record.py BUILDKIT [CASES …]
    record.py BUILDKIT --judge DOCKERFILE …         prints the verdicts of other files, one a line, and what BuildKit's checks say

BUILDKIT is a checkout of github.com/moby/buildkit at the tag that FRONTEND names, with its vendor folder. `go` compiles
oracle/main.go in it; nothing is downloaded or built. Behind each case one line is written:

    --- accepted
    --- refused, line 2: unknown instruction: RNU                 the parser
    --- refused by the build, lines 2-4: invalid signal: FOO      later, but before the first step runs

No line number: the whole file. A case begins with `=== its title`; all lines up to the `---` are its text, unless the title
ends in `(JSON)`: then they are one JSON string, or an array of strings and [string, repetitions].
"""
import json
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
FRONTEND = "BuildKit v0.32.2, docker/dockerfile 1.26.0"
CASE = re.compile(r"^=== (?P<title>.*)\n(?P<body>(?:(?!=== |## |--- ).*\n)*)(?:--- .*\n)?", re.M)


def text(title: str, body: str) -> str:
    """The Dockerfile of a case."""
    if not title.endswith("(JSON)"):
        # A blank line in front of the next heading belongs to the page.
        return body
    parts = json.loads(body)
    parts = [parts] if isinstance(parts, str) else parts
    return "".join(part if isinstance(part, str) else part[0] * part[1] for part in parts)


def compiled(buildkit: Path) -> Path:
    """The oracle's program."""
    folder = buildkit / "cmd" / "conformance"
    folder.mkdir(exist_ok=True)
    (folder / "main.go").write_text((HERE / "oracle" / "main.go").read_text())
    program = folder / "conformance"
    subprocess.run(["go", "build", "-mod=vendor", "-o", str(program), "./cmd/conformance"], cwd=buildkit, check=True)
    return program


def line(verdict: dict) -> str:
    """How a verdict is written down."""
    if "when" not in verdict:
        return "--- accepted\n"
    message = re.sub(r"^dockerfile parse error on line \d+: ", "", " ".join(verdict["message"].split()))
    # Of several near words any may be suggested.
    message = re.sub(r" \(did you mean [^)]*\)$", "", message)
    message = message if len(message) < 200 else message[:200] + "…"
    start, end = verdict["start"], verdict["end"]
    # Errors of directives count lines from 0.
    if re.search(r"parser directive can be used|invalid ESCAPE", message):
        start, end = start + 1, end + 1
    lines = f", line {start}" if start == end else f", lines {start}-{end}"
    when = "refused" if verdict["when"] == "read" else "refused by the build"
    return f"--- {when}{lines if start else ''}: {message}\n"


def judged(program: Path, cases: list[str]) -> list[dict]:
    """The verdicts of texts."""
    asked = json.dumps([{"text": case} for case in cases])
    answer = subprocess.run([program], input=asked, capture_output=True, text=True, check=True)
    return json.loads(answer.stdout)


def main() -> int:
    program = compiled(Path(sys.argv[1]).resolve())
    if sys.argv[2:3] == ["--judge"]:
        texts = [Path(name).read_bytes().decode(errors="replace") for name in sys.argv[3:]]
        for name, verdict in zip(sys.argv[3:], judged(program, texts)):
            print(f"{name}\t{line(verdict)[4:]}", end="")
            print(*(f"{name}\tcheck {warning}\n" for warning in verdict.get("warnings", [])), sep="", end="")
        return 0
    files = [Path(name) for name in sys.argv[2:]] or sorted((HERE / "cases").glob("*.txt"))
    counts = {}
    for file in files:
        page = file.read_bytes().decode()
        cases = [text(match["title"], match["body"]) for match in CASE.finditer(page)]
        verdicts = iter(judged(program, cases))
        write = lambda match: f"=== {match['title']}\n{match['body']}{line(next(verdicts))}"
        file.write_bytes(CASE.sub(write, page).encode())
        counts[file.name] = len(cases)
    for name, count in counts.items():
        print(f"{name}: {count} cases")
    return 0


if __name__ == "__main__":
    sys.exit(main())
