"""Markdown as the site needs it: fences told from text, links pointed to where the site has their page."""
import posixpath
import re
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REPOSITORY = "https://github.com/dockline/dockline"
PICTURES = {".svg", ".png", ".gif", ".jpg", ".webp"}
FENCE = re.compile(r"^(`{3,}|~{3,})\s*(.*)$")
LINK = re.compile(r"\]\(([^()\s]+)\)|\b(?:src|href)=\"([^\"]+)\"")


class Wrong(Exception):
    """A source that the generator does not understand."""


@dataclass
class Block:
    """A fenced block: its info string and the lines inside."""

    info: str
    lines: list = field(default_factory=list)

    @property
    def kind(self):
        return self.info.split(" ")[0] if self.info else ""

    @property
    def rest(self):
        return self.info.partition(" ")[2].strip()


def parts(text, where):
    """The lines of a page and its fenced blocks, in their order."""
    found, block, mark = [], None, ""
    for line in text.splitlines():
        fence = FENCE.match(line)
        if block is None and fence:
            block, mark = Block(fence[2].strip()), fence[1]
        elif block is not None and line.strip() == mark:
            found.append(block)
            block = None
        else:
            (found if block is None else block.lines).append(line)
    if block is not None:
        raise Wrong(f"{where}: a fence is not closed: {block.info}")
    return found


def fence(language, lines, title=""):
    """A block for the site, with a caption."""
    body = list(lines)
    mark = "````" if any("```" in line for line in body) else "```"
    caption = f' title="{title}"' if title else ""
    return [f"{mark}{language}{caption}", *body, mark]


def indented(lines):
    return [f"    {line}" if line else "" for line in lines]


def title_of(path):
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            return line[2:].strip()
    raise Wrong(f"{path}: no title")


class Links:
    """Where the pages of the repository lie in the site, by repository path, rule or action; and which pictures they show."""

    def __init__(self):
        self.pages = {}
        self.names = {}
        self.pictures = set()

    def add(self, repository, language, page, name=""):
        self.pages[repository] = (language, page)
        if name:
            self.names[name] = repository

    def line(self, text, source, language, page):
        """A line of `source` with its links for `page` of the site; code in it is left alone."""
        pieces = re.split(r"(`+[^`]*`+)", text)
        for index in range(0, len(pieces), 2):
            pieces[index] = LINK.sub(lambda match: self._link(match, source, language, page), pieces[index])
        return "".join(pieces)

    def _link(self, match, source, language, page):
        target = match[1] or match[2]
        if re.match(r"(https?:|mailto:|#)", target):
            return match[0]
        return match[0].replace(target, self.target(target, source, language, page))

    def target(self, target, source, language, page):
        path, mark, anchor = target.partition("#")
        scheme, colon, name = path.partition(":")
        if colon:
            if path not in self.names:
                raise Wrong(f"{source}: there is no {scheme} {name}")
            path = self.names[path]
        else:
            path = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
        if path in self.pages:
            return self._relative(*self.pages[path], language, page) + mark + anchor
        if not (ROOT / path).exists():
            raise Wrong(f"{source}: nothing lies at {target}")
        if posixpath.splitext(path)[1] in PICTURES:
            self.pictures.add((language, path))
            return posixpath.relpath(f"pictures/{path}", posixpath.dirname(page) or ".")
        kind = "tree" if (ROOT / path).is_dir() else "blob"
        return f"{REPOSITORY}/{kind}/main/{path}{mark}{anchor}"

    @staticmethod
    def _relative(other, target, language, page):
        if other == language:
            return posixpath.relpath(target, posixpath.dirname(page) or ".")
        prefix = {"en": "", "zh": "zh/"}
        html = prefix[other] + target.removesuffix(".md") + ".html"
        return posixpath.relpath(html, posixpath.dirname(prefix[language] + page) or ".")
