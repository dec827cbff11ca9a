"""Checks every Dockerfile of the guide with dockline: it must report what the page says, and nothing else.

    check_examples.py DOCKLINE
"""
import sys

import examples
from source import ROOT


def main():
    dockline, found, wrong = sys.argv[1], {}, 0
    for page in sorted((ROOT / "docs/site/en").rglob("*.md")):
        examples.read(page, found)
    for example in found.values():
        reports, text = examples.check(dockline, example)
        if reports != example.reports:
            wrong += 1
            print(f"{example.page}: {example.name}: said {list(example.reports)}, reported {list(reports)}\n{text}\n")
    shown = sum(bool(example.reports) for example in found.values())
    print(f"examples {len(found)}, shown mistakes {shown}, other than said {wrong}")
    return 1 if wrong or not found else 0


if __name__ == "__main__":
    sys.exit(main())
