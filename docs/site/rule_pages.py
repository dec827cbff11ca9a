"""Pages of rules and actions, whose blocks are tests, as pages to read. tests/pages/main.rs says what the blocks mean."""
import re

from source import Block, Wrong, fence, indented, parts

OPEN_SECTIONS = {"Why", "Example"}
LANGUAGES = {"go": "go", "json": "json", "yaml": "yaml", "yml": "yaml", "toml": "toml", "py": "python", "sh": "sh", "js": "js"}
TESTS = {"file", "toml", "registry", "dockerfile", "diagnostics", "fixed", "created", "changed", "offers", "refusal"}
ORDINALS = {"": "", "2": "second ", "3": "third ", "4": "fourth "}


def readable(text, where):
    """The page with captions on its blocks; the cases behind the first example are folded."""
    out, case, section, silent = [], [], "", False
    action = where.startswith("src/actions/")

    def flush():
        if case:
            out.extend(shown(case, section not in OPEN_SECTIONS and section != "", silent, action, where))
            case.clear()

    for part in parts(text, where):
        if isinstance(part, Block):
            if part.kind not in TESTS:
                flush()
                out.extend(fence(part.info, part.lines))
                continue
            begins = part.kind in {"file", "toml", "registry", "dockerfile"} and any(old.kind == "dockerfile" for old in case)
            if begins:
                flush()
            case.append(part)
            continue
        if part.strip():
            flush()
        if heading := re.match(r"(#+) (.*)", part):
            if len(heading[1]) <= 2:
                section = heading[2] if len(heading[1]) == 2 else ""
                silent = section == "Not reported"
        out.append(part)
    flush()
    return "\n".join(out) + "\n"


def shown(case, folded, silent, action, where):
    """The blocks of one case; `folded` behind a line that says what it is."""
    lines, empty = [], []
    for block in case:
        if block.kind == "file" and not any(line.strip() for line in block.lines):
            empty.append(block.rest)
        else:
            lines += [*captioned(block, where), ""]
    if empty:
        lines = [f"Also in the project: {', '.join(f'`{path}`' for path in empty)}.", "", *lines]
    kinds = {block.kind for block in case}
    found = any(block.kind == "diagnostics" and any(block.lines) for block in case)
    if action:
        title = "Before and after" if kinds & {"fixed", "changed", "created"} else "Where nothing is offered"
    else:
        title = "The Dockerfile and what it reports" if found else "A Dockerfile that is fine"
    if found and kinds & {"fixed", "changed", "created"}:
        title = "The Dockerfile, what it reports and the fix"
    if "dockerfile" in kinds and not action and not found and not silent:
        lines += ["Nothing is reported.", ""]
    if action and not kinds & {"offers", "refusal"} and "dockerfile" in kinds:
        lines += ["Nothing is offered.", ""]
    if not folded or "dockerfile" not in kinds:
        return ["", *lines]
    return ["", f'??? example "{title}"', "", *indented(lines)]


def captioned(block, where):
    """One block with what it is above it."""
    lines = [line.replace("<|>", "") for line in block.lines]
    if block.kind == "diagnostics":
        return fence("text", lines, "What it reports") if any(lines) else []
    if block.kind == "dockerfile":
        path = re.search(r"path=(\S+)", block.rest)
        return fence("dockerfile", lines, path[1] if path else "Dockerfile")
    if block.kind == "fixed":
        return fence("dockerfile", lines, fixed_caption(block.rest, where))
    if block.kind == "offers":
        return fence("text", lines, "What is offered")
    if block.kind == "refusal":
        return fence("text", lines, "Why nothing is offered")
    if block.kind == "toml":
        return fence("toml", lines, "dockline.toml")
    if block.kind == "registry":
        return fence("text", lines, "What the registry says")
    what = {"file": "", "created": " is created", "changed": " after the fix"}[block.kind]
    path = re.sub(r" (?:title=.*|\d+)$", "", block.rest)
    name = path.rsplit("/", 1)[-1]
    language = "dockerfile" if "ockerfile" in name else LANGUAGES.get(name.rsplit(".", 1)[-1], "text")
    return fence(language, lines, path + what)


def fixed_caption(rest, where):
    if rest.startswith("title="):
        return f"After: {rest.removeprefix('title=')}".replace('"', "'")
    if rest not in ORDINALS:
        raise Wrong(f"{where}: `fixed {rest}` is not understood")
    return f"After the {ORDINALS[rest]}fix"
