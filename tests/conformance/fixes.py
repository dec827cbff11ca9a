#!/usr/bin/env python3
"""Repairs every refused case with `dockline fix` and asks BuildKit again.

    fixes.py DOCKLINE BUILDKIT [OPTION OF FIX …]

DOCKLINE is our program, BUILDKIT a checkout as for record.py. Prints how many cases were changed, and those that BuildKit
still refuses: each should have another reason than the first one, such as a variable that is empty without its argument.
"""
import subprocess
import sys
import tempfile
from pathlib import Path

from record import CASE, HERE, compiled, judged, text


def refused() -> list[tuple[str, str]]:
    """(page and title, text) of the refused cases."""
    found = []
    for page in sorted((HERE / "cases").glob("*.txt")):
        for match in CASE.finditer(page.read_bytes().decode()):
            if not match[0].endswith("--- accepted\n"):
                found.append((f"{page.stem}: {match['title']}", text(match["title"], match["body"])))
    return found


def main() -> int:
    program, cases = compiled(Path(sys.argv[2]).resolve()), refused()
    with tempfile.TemporaryDirectory() as name:
        paths = [Path(name) / f"{number:04}.Dockerfile" for number in range(len(cases))]
        for path, (_, before) in zip(paths, cases):
            path.write_bytes(before.encode())
        subprocess.run([sys.argv[1], "fix", *sys.argv[3:], name], capture_output=True)
        fixed = [path.read_bytes().decode() for path in paths]
    changed = [(place, after) for (place, before), after in zip(cases, fixed) if before != after]
    for (place, after), verdict in zip(changed, judged(program, [after for _, after in changed])):
        if "when" in verdict:
            print(f"{place}: {verdict['message']}\n{after}")
    print(f"{len(changed)} of {len(cases)} cases are repaired")
    return 0


if __name__ == "__main__":
    sys.exit(main())
