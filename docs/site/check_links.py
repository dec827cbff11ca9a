"""Checks the built site without a network: every link and anchor inside it, and that no page loads anything from another host.

    check_links.py SITE

Links to other hosts are counted and listed in SITE-links.txt, not fetched.
"""
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADS = {("script", "src"), ("link", "href"), ("img", "src"), ("iframe", "src"), ("source", "src"), ("video", "src"), ("object", "data")}
OUTSIDE = re.compile(r"^(?:https?:)?//")


class Page(HTMLParser):
    """The anchors and links of one page."""

    def __init__(self):
        super().__init__()
        self.anchors, self.links, self.loads = set(), [], []

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.anchors.update(given[name] for name in ("id", "name") if given.get(name))
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        for name, value in attributes:
            if value and (tag, name) in LOADS and given.get("rel") not in ("canonical", "alternate", "next", "prev"):
                self.loads.append(value)


def read(site):
    pages = {}
    for path in sorted(site.rglob("*.html")):
        page = Page()
        page.feed(path.read_text(encoding="utf-8"))
        pages[path] = page
    return pages


def broken(site, pages, path, link):
    """Why a link inside the site leads nowhere, or None."""
    parts = urlsplit(link)
    target = path if not parts.path else (path.parent / unquote(parts.path)).resolve()
    if not target.is_relative_to(site):
        return "leaves the site"
    if target.is_dir():
        target = target / "index.html"
    if not target.exists():
        return "no such file"
    # What MkDocs writes for "back to the top".
    if parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].anchors | {"__skip"}:
        return "no such anchor"
    return None


def main():
    site = Path(sys.argv[1]).resolve()
    pages = read(site)
    wrong, links, outside = [], 0, set()
    for path, page in pages.items():
        if path.name == "404.html":
            continue
        for link in page.links + page.loads:
            if OUTSIDE.match(link):
                outside.add(link)
                if link in page.loads:
                    wrong.append(f"{path.relative_to(site)}: loads {link}")
            elif not link.startswith(("mailto:", "data:", "javascript:")):
                links += 1
                if why := broken(site, pages, path, link):
                    wrong.append(f"{path.relative_to(site)}: {link}: {why}")
    for path in sorted(site.rglob("*.css")):
        for link in re.findall(r"(?:url\(|@import\s+)[\"']?([^)\"';]+)", path.read_text(encoding="utf-8")):
            if OUTSIDE.match(link):
                wrong.append(f"{path.relative_to(site)}: loads {link}")
    Path(f"{site}-links.txt").write_text("\n".join(sorted(outside)) + "\n", encoding="utf-8")
    for line in wrong:
        print(line)
    print(f"pages {len(pages)}, links {links}, broken {len(wrong)} (to other hosts {len(outside)}, listed only)")
    return 1 if wrong or not links else 0


if __name__ == "__main__":
    sys.exit(main())
