"""Writes the lines of the tests as a table: standard input to standard output."""
import re
import sys

COLUMNS = ["diagnostics", "hover", "completion", "action", "saved", "log"]
LINE = re.compile(r"(\S+) (\S+) " + " ".join(rf"{name} (.+?)" for name in COLUMNS) + r" ([\d.]+)(?: ?s)?")

rows = [["editor", "version", *COLUMNS, "seconds"]]
notes = []
for line in map(str.strip, sys.stdin):
    found = LINE.fullmatch(line)
    if not found:
        notes.append(line)
        continue
    row = list(found.groups())
    for index, value in enumerate(row):
        if value.startswith("no: "):
            if value not in notes:
                notes.append(value)
            row[index] = f"no ({notes.index(value) + 1})"
    rows.append(row)

widths = [max(map(len, column)) for column in zip(*rows)]
for row in rows:
    print("  ".join(value.ljust(width) for value, width in zip(row, widths)).rstrip())
for number, note in enumerate(notes, 1):
    print(f"({number}) {note.removeprefix('no: ')}")
