"""The reference of the settings: names, values and texts from the doc comments of src/settings.rs, defaults from `dockline config`."""
import re
import subprocess
import tempfile
import tomllib

from source import ROOT, Wrong

SOURCE = ROOT / "src/settings.rs"
FIELD = re.compile(r"^    pub (\w+): ([\w<>:, ]+),$")
VARIANT = re.compile(r"^    (\w+)(?:\((\w+)\))?,$")
CASES = {"kebab-case": lambda name: re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower(), "lowercase": str.lower}
PLAIN = {
    "bool": "`true` or `false`",
    "Toggle": "`true` or `false`",
    "u8": "a number",
    "u16": "a number",
    "String": "a text",
    "Vec<String>": "a list of texts",
    "Option<PathBuf>": "a path",
    "BTreeMap<String, RuleSetting>": "a table: the name of a rule, its level or a table",
}


def types():
    """Every struct and enum of the file: kind, text, members as (name, type, text)."""
    found, doc, case, current = {}, [], "kebab-case", None
    for number, line in enumerate(SOURCE.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("impl ") or line == "mod tests {":
            current = "skipped"
        if current == "skipped":
            current, doc = (None if line == "}" else current), []
            continue
        text = line.strip()
        if text.startswith("///"):
            doc.append(text.removeprefix("///").strip())
        elif text.startswith("#["):
            if rename := re.search(r'rename_all = "([\w-]+)"', text):
                case = rename[1]
        elif begin := re.match(r"^pub (struct|enum) (\w+) \{$", line):
            current = begin[2]
            found[current] = {"kind": begin[1], "text": " ".join(doc), "members": [], "case": CASES[case]}
            doc, case = [], "kebab-case"
        elif line == "}":
            current = None
        elif current:
            found[current]["members"].append(member(found[current], line, " ".join(doc), number))
            doc = []
        elif re.match(r"^(use |(?:pub )?mod \w+;|//!|pub struct Toggle\(pub bool\);|$)", line):
            doc = []
        else:
            raise Wrong(f"{SOURCE}:{number}: not understood: {line}")
    return found


def member(owner, line, text, number):
    match = (FIELD if owner["kind"] == "struct" else VARIANT).match(line)
    if not match or not text:
        raise Wrong(f"{SOURCE}:{number}: not understood, or without a text: {line}")
    if owner["kind"] == "struct":
        return match[1].replace("_", "-"), match[2], text
    return owner["case"](match[1]), match[2] or "", text


def defaults(dockline):
    """What `dockline config` says where no file sets anything."""
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run([dockline, "config", folder], capture_output=True, text=True, check=True, timeout=60)
    return tomllib.loads(run.stdout)


def values(kind, known):
    """What a setting takes, and how its parts are called."""
    if kind in PLAIN:
        return PLAIN[kind], []
    if labels := re.fullmatch(r"BTreeMap<String, (\w+)>", kind):
        words, rows = values(labels[1], known)
        return f"a table: a name, and one of {words}", rows
    inner = re.sub(r"^Option<(\w+)>$", r"\1", kind)
    if inner not in known or known[inner]["kind"] != "enum":
        raise Wrong(f"{SOURCE}: nothing is known of the type {kind}")
    members = known[inner]["members"]
    return ", ".join(f'`"{name}"`' for name, _, _ in members), [(name, text) for name, _, text in members]


def section(name, known, said, path=""):
    """The settings of one struct, and below it those of the structs in it."""
    lines, below, unsaid = [], [], dict(said)
    for key, kind, text in known[name]["members"]:
        full = f"{path}{key}"
        if kind in known and known[kind]["kind"] == "struct":
            below += ["", f"## {full}", "", known[kind]["text"], "", f"In `dockline.toml`: `[{full}]`", ""]
            below += section(kind, known, unsaid.pop(key, {}), f"{full}.")
            continue
        takes, rows = values(kind, known)
        default = unsaid.pop(key, None)
        lines += ["", f"### `{full}` {{ #{full.replace('.', '-')} }}", "", text, ""]
        shown = "nothing" if default is None else f"`{toml(default)}`"
        lines += [f"Takes {takes}. Default: {shown}.", ""]
        if rows:
            lines += ["| Value | Meaning |", "|---|---|", *(f'| `"{row}"` | {words} |' for row, words in rows), ""]
    if unsaid:
        raise Wrong(f"`dockline config` knows settings that {SOURCE.name} does not show: {', '.join(unsaid)}")
    return lines + below


def toml(value):
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


def reference(dockline):
    known = types()
    return section("Settings", known, defaults(dockline))
