#!/usr/bin/env python3
"""Every Dockerfile of our pages, judged by BuildKit's own frontend and by dockline: what BuildKit accepts is no syntax
error, and what it refuses is an error of some rule.

    pages.py DOCKLINE BUILDKIT

DOCKLINE is our program, BUILDKIT a checkout as for record.py. What differs is printed; a few pages differ knowingly: files for
the labs frontend, and those where dockline stays silent because an argument or the base image decides.
"""
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from record import compiled, judged

ROOT = Path(__file__).resolve().parents[2]
# Comments that silence findings: such a file says nothing about what dockline thinks of it.
SILENCED = re.compile(r"#\s*(dockline:|hadolint|check\s*=\s*skip)", re.I)
BLOCK = re.compile(r"^(`{3,})dockerfile[^\n]*\n(.*?)^\1$", re.M | re.S)


def blocks() -> list[tuple[str, str]]:
    """(page and line, text) of every Dockerfile block."""
    found = []
    for page in sorted((ROOT / "src").rglob("*.md")):
        text = page.read_text()
        for match in BLOCK.finditer(text):
            line = text.count("\n", 0, match.start()) + 2
            if not SILENCED.search(match[2]):
                found.append((f"{page.relative_to(ROOT)}:{line}", match[2].replace("<|>", "")))
    return found


def dockline_refuses(dockline: str, folder: Path) -> dict[str, list[tuple[str, bool]]]:
    """The errors, by file name: the rule, and whether it is one of syntax."""
    rules = json.loads(subprocess.run([dockline, "rules", "--format", "json"], capture_output=True, text=True).stdout)
    listed = rules["rules"] if isinstance(rules, dict) else rules
    syntax = {rule["name"] for rule in listed if rule["group"] == "syntax"}
    run = subprocess.run([dockline, "check", "--format", "json", str(folder)], capture_output=True, text=True)
    files = json.loads(run.stdout)["files"]
    errors = lambda f: [(d["rule"], d["rule"] in syntax) for d in f["diagnostics"] if d["severity"] == "error"]
    return {Path(f["path"]).name: errors(f) for f in files}


def main() -> int:
    dockline, buildkit = sys.argv[1], Path(sys.argv[2]).resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cases = blocks()
        for number, (_, text) in enumerate(cases):
            (folder / f"{number:04}.Dockerfile").write_bytes(text.encode())
        ours = dockline_refuses(dockline, folder)
    theirs = judged(compiled(buildkit), [text for _, text in cases])
    wrong = 0
    for number, ((place, _), verdict) in enumerate(zip(cases, theirs)):
        found = ours.get(f"{number:04}.Dockerfile", [])
        if "when" in verdict and not found or "when" not in verdict and any(syntax for _, syntax in found):
            wrong += 1
            names = ", ".join(rule for rule, _ in found) or "accepted"
            print(f"{place}: BuildKit: {verdict.get('message', 'accepted')}; dockline: {names}")
    print(f"conformance: {len(cases) - wrong} passed, {wrong} failed")
    return 1 if wrong or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
