"""What dockline says of itself, as Markdown: help texts, rules, actions, tables of facts, settings."""
import json
import re
import subprocess

import settings_page
from source import ROOT, fence


def output(dockline, *arguments):
    environment = {"COLUMNS": "100", "PATH": "/usr/bin:/bin"}
    run = subprocess.run([dockline, *arguments], capture_output=True, text=True, check=True, timeout=60, env=environment)
    return run.stdout


def commands(dockline):
    """What `--help` says of the program and of each of its commands."""
    text = output(dockline, "--help").rstrip()
    lines = fence("text", text.splitlines(), "dockline --help")
    for name in re.findall(r"^  ([a-z]+)  ", text.partition("Commands:")[2].partition("Options:")[0], re.MULTILINE):
        if name != "help":
            lines += ["", f"## {name}", "", *fence("text", output(dockline, name, "--help").rstrip().splitlines(), f"dockline {name} --help")]
    return lines


def cell(text):
    return text.replace("|", "\\|")


def rules(dockline):
    lines, group = [], ""
    for rule in json.loads(output(dockline, "rules", "--format", "json")):
        if rule["group"] != group:
            group = rule["group"]
            lines += ["", f"## {group}", "", "| Rule | Level | What it reports |", "|---|---|---|"]
        level = rule["severity"] + ("" if rule["default"] else ", off by default")
        names = f" ({', '.join(rule['aliases'])})" if rule["aliases"] else ""
        lines.append(f"| [{rule['name']}](rule:{rule['name']}){names} | {level} | {cell(rule['summary'])} |")
    return lines


def actions(_dockline):
    lines = ["| Action | What it does |", "|---|---|"]
    for path in sorted((ROOT / "src/actions").glob("*.md")):
        name = path.stem.replace("_", "-")
        summary = " ".join(path.read_text(encoding="utf-8").split("\n\n")[1].split())
        lines.append(f"| [{name}](action:{name}) | {cell(summary)} |")
    return lines


def data(dockline):
    lines = []
    for table in json.loads(output(dockline, "data", "--format", "json")):
        about, source = (re.sub(r"([*<_])", r"\\\1", text) for text in (table["about"], table["source"]))
        lines += ["", f"## {table['name']}", "", f"{table['row_count']} rows, {table['date']}. {about}", "", f"Source: {source}"]
    return lines


def settings(dockline):
    return settings_page.reference(dockline)


DIRECTIVES = {"commands": commands, "rules": rules, "actions": actions, "data": data, "settings": settings}
