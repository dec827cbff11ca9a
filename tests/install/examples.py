#!/usr/bin/env python3
"""Reads every YAML example of the documentation, and makes a workflow of each one for GitHub, for actionlint to read.

    examples.py FOLDER FILE.md…        prints how many workflows it wrote into FOLDER
"""

import re
import sys
from pathlib import Path

import yaml

BLOCK = re.compile(r"^```yaml\b.*?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def workflow(example):
    """A workflow with the job, or with the steps; none of what is for others than GitHub."""
    if isinstance(example, list):
        example = {"steps": example}
    if "steps" not in example:
        return None
    return {"on": "push", "jobs": {"example": {"runs-on": "ubuntu-24.04", **example}}}


def main():
    folder, *files = map(Path, sys.argv[1:])
    made = [workflow(yaml.safe_load(text)) for file in files for text in BLOCK.findall(file.read_text())]
    made = [one for one in made if one]
    for number, one in enumerate(made):
        (folder / f"example-{number}.yml").write_text(yaml.safe_dump(one, sort_keys=False))
    print(len(made))


if __name__ == "__main__":
    main()
