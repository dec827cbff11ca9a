#!/usr/bin/env python3
"""Every Dockerfile of our pages, judged by the parser of BuildKit that a PyPI package brings and by dockline: both must accept or
both refuse. pages.py judges more, but needs the source of BuildKit.

    parsed.py DOCKLINE TALLY

DOCKLINE is our program. TALLY is the program of the PyPI package tally-cli, in which BuildKit's parser is built; only its
verdict is read: whether it parses. What BuildKit judges later, while it builds, is left out: see LATER.
"""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from pages import blocks

# Rules of the group syntax that find too what BuildKit refuses only when it expands words or builds the stage.
LATER = {
    "address-in-copy", "invalid-flag-value", "invalid-mount", "invalid-port", "invalid-signal", "invalid-substitution",
    "invalid-trigger", "labs-flag", "missing-argument", "needs-newer-frontend", "unclosed-quote", "variable-in-copy-from",
}


def buildkit_refuses(tally: str, path: Path) -> str:
    """BuildKit's message; empty when it parses the file."""
    run = subprocess.run([tally, "lint", "--no-config", "--no-inline-directives", "--slow-checks", "off", "--format", "json",
                          "--ignore", "*", "--select", "hadolint/DL3061", str(path)], capture_output=True, text=True)
    try:
        report = json.loads(run.stdout)
    except ValueError:
        return " ".join(run.stderr.split()) or "refused"
    errors = [v for f in report["files"] for v in f.get("violations", []) if v["severity"] == "error"]
    return errors[0]["message"] if errors else ""


def dockline_refuses(dockline: str, folder: Path) -> dict[str, list[str]]:
    """The errors of syntax rules, and of the rule that takes their place, by file name."""
    rules = json.loads(subprocess.run([dockline, "rules", "--format", "json"], capture_output=True, text=True).stdout)
    listed = rules["rules"] if isinstance(rules, dict) else rules
    syntax = {rule["name"] for rule in listed if rule["group"] == "syntax"} | {"swallowed-instruction"}
    run = subprocess.run([dockline, "check", "--format", "json", str(folder)], capture_output=True, text=True)
    files = json.loads(run.stdout)["files"]
    is_error = lambda found: found["rule"] in syntax and found["severity"] == "error"
    return {Path(f["path"]).name: [d["rule"] for d in f["diagnostics"] if is_error(d)] for f in files}


def main() -> int:
    dockline, tally = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cases = {}
        for number, (place, text) in enumerate(blocks()):
            if len(text.strip()) > 6:  # the parser's host refuses to read shorter files
                path = folder / f"{number:04}.Dockerfile"
                path.write_bytes(text.encode())
                cases[path.name] = place
        ours = dockline_refuses(dockline, folder)
        wrong = 0
        for file, place in cases.items():
            theirs = buildkit_refuses(tally, folder / file)
            found = [rule for rule in ours.get(file, []) if theirs or rule not in LATER]
            if bool(theirs) != bool(found):
                wrong += 1
                print(f"{place}: BuildKit: {theirs or 'accepted'}; dockline: {', '.join(found) or 'accepted'}")
    print(f"conformance: {len(cases) - wrong} passed, {wrong} failed")
    return 1 if wrong or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
