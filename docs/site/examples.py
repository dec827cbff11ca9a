"""The Dockerfiles of the guide: each is named in a comment above its block, with the project it lies in and what is reported of it.

    <!-- example: NAME [project=NAME] [reports=RULE,RULE] -->

Projects are the folders of docs/site/projects; `none` has no files at all. Another language names the example alone.
"""
import json
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from source import ROOT, Wrong

PROJECTS = ROOT / "docs/site/projects"
MARK = re.compile(r"^<!-- example: ([\w-]+)((?: [\w-]+=\S+)*) -->$")


@dataclass
class Example:
    """A Dockerfile that is shown in every language."""

    name: str
    page: str
    project: str
    reports: tuple
    lines: list


def marked(line):
    """The name and options of a mark, or None."""
    match = MARK.match(line)
    if not match:
        return None
    return match[1], dict(option.split("=", 1) for option in match[2].split())


def read(page, found):
    """Adds the examples of an English page; each mark stands right above its block."""
    lines = page.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        if line.startswith("```dockerfile") and not (number and marked(lines[number - 1])):
            raise Wrong(f"{page}:{number + 1}: a Dockerfile without a mark is not tested")
        mark = marked(line)
        if not mark:
            continue
        name, options = mark
        if name in found or set(options) - {"project", "reports"}:
            raise Wrong(f"{page}:{number + 1}: taken, or an unknown option: {line}")
        opening = re.match(r"^(`{3,})dockerfile$", lines[number + 1])
        if not opening:
            raise Wrong(f"{page}:{number + 1}: no Dockerfile below {line}")
        end = lines.index(opening[1], number + 2)
        reports = tuple(sorted(filter(None, options.get("reports", "").split(","))))
        found[name] = Example(
            name, page.stem, options.get("project", "app"), reports,
            lines[number + 2 : end],
        )


def run(dockline, folder, form):
    command = [dockline, "check", "--level", "hint", "--color", "never", "--format", form, "Dockerfile"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)


def check(dockline, example):
    """What dockline reports: the names of the rules, and the text as a terminal shows it."""
    with tempfile.TemporaryDirectory(prefix="dockline-example-") as folder:
        if example.project != "none":
            shutil.copytree(PROJECTS / example.project, folder, dirs_exist_ok=True)
        Path(folder, "Dockerfile").write_text("\n".join(example.lines) + "\n", encoding="utf-8")
        # What is reported must not depend on what is installed here.
        Path(folder, "dockline.toml").write_text('[shellcheck]\nenabled = "off"\n', encoding="utf-8")
        report, text = (run(dockline, folder, form) for form in ("json", "text"))
    if report.returncode not in (0, 1):
        raise Wrong(f"{example.page}: {example.name}: exit code {report.returncode}: {report.stderr}")
    found = [item for file in json.loads(report.stdout)["files"] for item in file["diagnostics"]]
    return tuple(sorted({item["rule"] for item in found})), text.stdout.rstrip()
