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


def help_text(dockline, command):
    words = command.split("+") if command else []
    return fence("text", output(dockline, *words, "--help").rstrip().splitlines(), " ".join(["dockline", *words, "--help"]))


def cell(text):
    return text.replace("|", "\\|")


def rules(dockline, _):
    lines, group = [], ""
    for rule in json.loads(output(dockline, "rules", "--format", "json")):
        if rule["group"] != group:
            group = rule["group"]
            lines += ["", f"## {group}", "", "| Rule | Level | What it reports |", "|---|---|---|"]
        level = rule["severity"] + ("" if rule["default"] else ", off by default")
        names = f" ({', '.join(rule['aliases'])})" if rule["aliases"] else ""
        lines.append(f"| [{rule['name']}](rule:{rule['name']}){names} | {level} | {cell(rule['summary'])} |")
    return lines


def actions(_dockline, _):
    lines = ["| Action | What it does |", "|---|---|"]
    for path in sorted((ROOT / "src/actions").glob("*.md")):
        name = path.stem.replace("_", "-")
        summary = " ".join(path.read_text(encoding="utf-8").split("\n\n")[1].split())
        lines.append(f"| [{name}](action:{name}) | {cell(summary)} |")
    return lines


def data(dockline, _):
    lines = []
    for table in json.loads(output(dockline, "data", "--format", "json")):
        about, source = (re.sub(r"([*<_])", r"\\\1", text) for text in (table["about"], table["source"]))
        lines += ["", f"## {table['name']}", "", f"{table['row_count']} rows, {table['date']}. {about}", "", f"Source: {source}"]
    return lines


def settings(dockline, _):
    return settings_page.reference(dockline)


DIRECTIVES = {"help": help_text, "rules": rules, "actions": actions, "data": data, "settings": settings}
