"""Builds the site: gathers its pages from the repository into target/site-src and lets MkDocs make target/site of them.

    build.py DOCKLINE

Sources: docs/site/en and docs/site/zh, the pages of rules and actions, docs/*.md and editors/*/README.md. A source may hold, alone in a
line, `<!-- commands -->`, `<!-- rules -->`, `<!-- actions -->`,
`<!-- settings -->`, `<!-- data -->`, `<!-- editors -->`, and the marks of examples.py. Links lead to files of the repository, or to
`rule:NAME` and `action:NAME`. What is not understood stops the build.
"""
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

import examples
import generated
from rule_pages import readable
from source import REPOSITORY, ROOT, Block, Links, Wrong, fence, indented, parts, title_of

HERE = ROOT / "docs/site"
TARGET = ROOT / "target/site-src"
SITE = ROOT / "target/site"
DIRECTIVE = re.compile(r"^<!-- (\w+) -->$")
OWN_LINE = re.compile(r"\s*(?:[-*#|><]|\d+\. |```|\?\?\?|$)")
PUNCTUATION = r"[\u3000-\u303f\uff00-\uffef]"
CHINESE = r"[\u2e80-\u9fff]"
WORDS = {
    "en": {"switch": "中文", "reports": "dockline reports {}", "fine": "dockline finds nothing here."},
    "zh": {"switch": "English", "reports": "dockline 报告 {}", "fine": "dockline 在这里没有发现问题。"},
}
EDITORS = {
    "vscode": "VS Code", "neovim": "Neovim", "helix": "Helix", "zed": "Zed", "emacs": "Emacs", "vim": "Vim",
    "jetbrains": "JetBrains", "sublime": "Sublime Text", "kakoune": "Kakoune",
}
# Folders of editors/ that are for the registries of others.
ENTRIES = {"mason", "nvim-lspconfig"}
DOCUMENTS = {
    "docs/hadolint.md": "migrate-from-hadolint.md",
    "docs/performance.md": "performance.md",
    "docs/lsp.md": "reference/lsp.md",
    "docs/trace.md": "reference/trace.md",
    "docs/audit/README.md": "reference/audit.md",
    "src/rules/README.md": "contribute/add-a-rule.md",
    "CHANGELOG.md": "changelog.md",
}
PACKAGES = "packages/README.md"


def relative(path):
    return path.relative_to(ROOT).as_posix()


class Site:
    """All pages, where they go, and what stands in them."""

    def __init__(self, dockline):
        self.links, self.examples, self.dockline = Links(), {}, dockline
        self.nav = {"rules": {}, "actions": [], "editors": [], "packages": []}
        self.shown = {"en": {}, "zh": {}}
        self._gather()

    def _gather(self):
        for language in WORDS:
            for path in sorted((HERE / language).rglob("*.md")):
                self.links.add(relative(path), language, path.relative_to(HERE / language).as_posix())
        for path in sorted((HERE / "en").rglob("*.md")):
            examples.read(path, self.examples)
        for path in sorted(ROOT.glob("src/rules/*/*.md")):
            name = path.stem.replace("_", "-")
            self.links.add(relative(path), "en", f"rules/{path.parent.name}/{name}.md", f"rule:{name}")
            self.nav["rules"].setdefault(path.parent.name, []).append({name: f"rules/{path.parent.name}/{name}.md"})
        for path in sorted(ROOT.glob("src/actions/*.md")):
            name = path.stem.replace("_", "-")
            self.links.add(relative(path), "en", f"actions/{name}.md", f"action:{name}")
            self.nav["actions"].append({name: f"actions/{name}.md"})
        found = {path.parent.name: path for path in sorted(ROOT.glob("editors/*/README.md"))}
        for name in [*EDITORS, *sorted(found.keys() - EDITORS.keys() - ENTRIES)]:
            if name in found:
                self.links.add(relative(found[name]), "en", f"start/{name}.md")
                self.nav["editors"].append({EDITORS.get(name) or title_of(found[name]): f"start/{name}.md"})
        for path, page in DOCUMENTS.items():
            self.links.add(path, "en", page)
        if (ROOT / PACKAGES).exists():
            self.links.add(PACKAGES, "en", "start/packages.md")
            self.nav["packages"].append({"Packages": "start/packages.md"})

    def write(self):
        shutil.rmtree(TARGET, ignore_errors=True)
        for source, (language, page) in self.links.pages.items():
            path = TARGET / language / page
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.page(source, language, page), encoding="utf-8")
        for language, source in self.links.pictures:
            picture = TARGET / language / "pictures" / source
            picture.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / source, picture)
        for language in WORDS:
            shutil.copytree(HERE / "theme", TARGET / language / "theme")
        if missing := {key: value for key, value in self.shown["en"].items() if self.shown["zh"].get(key, value) != value}:
            raise Wrong(f"the Chinese page shows other examples than the English: {missing}")

    def page(self, source, language, page):
        text = (ROOT / source).read_text(encoding="utf-8")
        if source.startswith(("src/rules/", "src/actions/")) and page.startswith(("rules/", "actions/")):
            text = readable(text, source)
        lines = self.lines(text, source, language, page)
        other = "zh" if language == "en" else "en"
        twin = f"docs/site/{other}/{page}"
        if page.startswith("guide/") and twin in self.links.pages:
            link = self.links.target(twin, "", language, page)
            lines.insert(1, f'\n<p class="language"><a href="{link}" hreflang="{other}">{WORDS[language]["switch"]}</a></p>\n')
        text = "\n".join(lines) + "\n"
        return joined(text) if language == "zh" else text

    def lines(self, text, source, language, page):
        out, ours, named = [], source.startswith("docs/site/"), None
        for part in parts(text, source):
            if isinstance(part, Block):
                out += self.example(named, language, page) if named else fence(part.kind, part.lines, caption(part))
                named = None
                continue
            if named and part.strip():
                out += self.example(named, language, page)
                named = None
            if mark := examples.marked(part):
                if named:
                    out += self.example(named, language, page)
                named = mark[0]
            elif directive := DIRECTIVE.match(part):
                out += self.directive(directive[1], source, language, page) if ours else []
            elif not named or part.strip():
                out.append(part if part.lstrip().startswith(("```", "    ```")) else self.links.line(part, source, language, page))
        return out + (self.example(named, language, page) if named else [])

    def example(self, name, language, page):
        if name not in self.examples:
            raise Wrong(f"{language}/{page}: no English page has the example {name}")
        example, words = self.examples[name], WORDS[language]
        self.shown[language].setdefault(page, []).append(name)
        lines = ["", *fence("dockerfile", example.lines)]
        reports, text = examples.check(self.dockline, example)
        if not reports:
            return [*lines, "", f'<p class="fine">{words["fine"]}</p>', ""]
        rules = ", ".join(f"`{rule}`" for rule in reports)
        more = [f"- [{rule}]({self.links.target(f'rule:{rule}', name, language, page)})" for rule in reports]
        return [*lines, "", f'??? warning "{words["reports"].format(rules)}"', "", *indented([*fence("text", text.splitlines()), "", *more]), ""]

    def directive(self, name, source, language, page):
        if name == "editors":
            return [f"- [{title}]({os.path.relpath(path, os.path.dirname(page))})" for item in self.nav["editors"] for title, path in item.items()]
        if name not in generated.DIRECTIVES:
            raise Wrong(f"{source}: unknown: {name}")
        lines = generated.DIRECTIVES[name](self.dockline)
        return [self.links.line(line, source, language, page) for line in lines]


def joined(text):
    """Chinese text without the blank that a browser makes of a line break; one stays between Chinese and other letters."""
    out, fenced = [], False
    for line in text.splitlines():
        fenced ^= line.lstrip().startswith("```")
        before = out[-1] if out else ""
        if not fenced and before and not OWN_LINE.match(line) and not re.match(r"[#|<`]", before):
            pair = before[-1] + line.lstrip()[0]
            if re.search(f"{PUNCTUATION}|{CHINESE}{CHINESE}", pair):
                out[-1] += line.lstrip()
                continue
        out.append(line)
    return "\n".join(out) + "\n"


def caption(block):
    title = re.search(r'title="([^"]*)"', block.info)
    return title[1] if title else ""


def configure(site, language):
    """The configuration of one language with what is listed by itself."""
    config = yaml.safe_load((HERE / f"mkdocs.{language}.yml").read_text(encoding="utf-8"))
    base = yaml.safe_load((HERE / "mkdocs.yml").read_text(encoding="utf-8"))
    config = {**base, **config, "theme": {**base["theme"], **config.get("theme", {})}, "plugins": config["plugins"]}
    config["docs_dir"] = str(TARGET / language)
    config["site_dir"] = str(SITE if language == "en" else SITE / language)
    listed = {
        "EDITORS": site.nav["editors"],
        "PACKAGES": site.nav["packages"],
        "ACTIONS": site.nav["actions"],
        "RULES": [{group: pages} for group, pages in site.nav["rules"].items()],
    }
    for item in config["nav"]:
        for title, entries in item.items():
            if isinstance(entries, list):
                item[title] = [new for entry in entries for new in (listed[entry] if entry in listed else [entry])]
    path = TARGET / f"{language}.yml"
    path.write_text(yaml.safe_dump(config, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def mkdocs(config, tools):
    """Runs MkDocs, whose warnings are errors; jieba, which splits Chinese words for the search, keeps its cache in `tools`."""
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "TMPDIR": str(tools)}
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "-f", config]
    run = subprocess.run(command, env=environment, cwd=TARGET, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600)
    if run.returncode:
        raise Wrong(f"MkDocs:\n{run.stdout}")


def main():
    dockline = Path(sys.argv[1]).resolve()
    tools = ROOT / "target/site-tools"
    tools.mkdir(parents=True, exist_ok=True)
    named = tools / "dockline"
    named.unlink(missing_ok=True)
    named.symlink_to(dockline)
    try:
        site = Site(str(named))
        site.write()
        shutil.rmtree(SITE, ignore_errors=True)
        for language in WORDS:
            config = configure(site, language)
            mkdocs(config, tools)
    except Wrong as error:
        sys.exit(f"error: {error}")
    print(f"pages {len(site.links.pages)}, rules {sum(map(len, site.nav['rules'].values()))}, actions {len(site.nav['actions'])}, editors {len(site.nav['editors'])}, source {REPOSITORY}")


if __name__ == "__main__":
    main()
