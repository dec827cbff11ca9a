#!/usr/bin/env python3
"""Judges the entry for Mason's registry: its fields, and that it names the archives of a release.

    mason.py PACKAGE_YAML PLATFORMS_JSON
"""

import json
import sys
from pathlib import Path

import yaml

SYSTEMS = {"darwin": "darwin", "linux": "linux", "win": "win32"}
FIELDS = ["name", "description", "homepage", "licenses", "languages", "categories", "source", "bin", "neovim"]


def main():
    entry = yaml.safe_load(Path(sys.argv[1]).read_text())
    platforms = json.loads(Path(sys.argv[2]).read_text())
    assert list(entry) == FIELDS, list(entry)
    assert set(entry["categories"]) <= {"LSP", "Linter", "Formatter", "DAP", "Runtime", "Compiler"}
    assert entry["source"]["id"].startswith("pkg:github/dockline/dockline@v")
    assert entry["bin"] == {"dockline": "{{source.asset.bin}}"}
    named = {}
    for asset in entry["source"]["asset"]:
        system, cpu, *libc = asset["target"].split("_")
        named[SYSTEMS[system], cpu, *(name.replace("gnu", "glibc") for name in libc)] = (asset["file"], asset["bin"])
    expected = {}
    for one in platforms.values():
        windows = one["os"] == "win32"
        file = f"dockline-{one['target']}.{'zip' if windows else 'tar.gz'}"
        place = (one["os"], one["cpu"], *([one["libc"]] if "libc" in one else []))
        expected[place] = (file, "dockline.exe" if windows else "dockline")
    assert named == expected, (named, expected)


if __name__ == "__main__":
    main()
