#!/usr/bin/env python3
"""Writes the seeds and the dictionary: seeds.py FOLDER DICTIONARY. Every Dockerfile of our pages, conformance cases and grammar tests
becomes a file, some with edits.

They serve both targets: an input is a text; behind each byte ff stands an edit (two bytes for the place, one for how much is replaced,
and what is typed).
"""
import hashlib
import pathlib
import re
import sys

LONGEST = 600
SIGNS = {"<|>": "", "␠": " ", "␉": "\t", "␍": "\r"}
TYPED = ["x", "\n", "\\\n", "\"", "$", "RUN ", "FROM a AS b\n", "<<E", "\nE\n", "# escape=`\n", "COPY --from=0 /x /y\n", ""]

PIECES = """
FROM a AS b|FROM scratch|FROM golang:1.24 AS build|COPY --from=0 /x /y|COPY --from=build |COPY . .|COPY go.mod go.sum ./|RUN go mod download
RUN go build -o /out/x ./...|ENV CGO_ENABLED=0|USER app|CMD ["a", "b"]|HEALTHCHECK CMD |ONBUILD RUN |SHELL ["/bin/bash", "-c"]
RUN apt-get update && apt-get install -y --no-install-recommends |RUN apk add --no-cache |RUN pip install |RUN npm ci|RUN set -e
rm -rf /var/lib/apt/lists/*|curl -sSL ¦ tar xz|wget -O - |sudo |cd /x|chmod +x |chown -R |export |useradd |:latest|@sha256:|--platform=$BUILDPLATFORM
--mount=type=cache,target=/x |--mount=type=secret,id=x|--mount=type=bind,from=b,source=/|&& |; |if a; then b; fi|for x in a; do b; done|$(|`|2>&1| > /x
<<EOF|<<-E|<<'E'|<< "E F"|3<<E|<<<|((1 << 2))|${x:-y}|${x##y}|${x/a/b}|$x|\\\\$|'|"|[|]|, |=|# escape=`|# syntax=docker/dockerfile:1|# check=skip=all
#!/bin/sh|# dockline: ignore=latest-tag|# dockline: ignore-file=latest-tag|# hadolint ignore=DL3007|\u00e9|\U0001f433|\ufeff|\u00a0|\u2028|linux/amd64|8080/tcp
"""
LINES = ["\n", "\r\n", "\r", "\t", "\0", " \\\n", "\\\r\n", "\\\n# c\n", "\nEOF\n", "\nE\n", "\n\n"]


def dictionary(root):
    table = lambda name: [line.split("\t") for line in (root / f"src/knowledge/{name}.tsv").read_text().splitlines() if line[:1] != "#"][1:]
    words = [row[0] + " " for row in table("instructions")] + [row[0].lower() + " " for row in table("instructions")]
    words += [f"{row[1]}=" for row in table("flags")]
    words += [f",{row[1]}=" for row in table("mount_options")] + [row[0] + " " for row in table("commands")]
    words += [row[0] for row in table("predefined_args")]
    pieces = [piece.replace("¦", "|") for piece in PIECES.strip().replace("\n", "|").split("|")]
    words += pieces + [piece + "\n" for piece in pieces if piece[:1].isupper() or piece[:1] == "#"] + LINES
    tokens = [word.encode() for word in dict.fromkeys(words) if word]
    tokens += [b"\xff\x00" + bytes([place, length]) for place in (0, 20, 90) for length in (0, 5)]
    quoted = lambda token: "".join(chr(byte) if 32 <= byte < 127 and byte not in b'\\"' else f"\\x{byte:02x}" for byte in token)
    return "".join(f'"{quoted(token)}"\n' for token in tokens if len(token) <= 64)


def pages(root):
    for folder in ["src", "tests/ide", "tests/format"]:
        for page in sorted((root / folder).rglob("*.md")):
            yield from re.findall(r"^```dockerfile[^\n]*\n(.*?)^```", page.read_text(), re.S | re.M)


def conformance(root):
    for cases in sorted((root / "tests/conformance/cases").glob("*.txt")):
        yield from re.findall(r"^=== [^\n]*\n(.*?)^---", cases.read_text(), re.S | re.M)


def grammar(root):
    for corpus in sorted((root / "grammar/test/corpus").glob("*.txt")):
        yield from re.findall(r"^=+\n[^=]+\n=+\n\n(.*?)\n---\n", corpus.read_text(), re.S | re.M)


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for source in (pages, conformance, grammar):
        count = 0
        for text in source(root):
            for sign, meant in SIGNS.items():
                text = text.replace(sign, meant)
            data = text.encode()
            digest = hashlib.sha256(data).digest()
            if len(data) > LONGEST:
                continue
            if digest[0] % 3 == 0:
                data += b"\xff" + digest[1:3] + bytes([digest[3] % 12]) + TYPED[digest[4] % len(TYPED)].encode()
            (folder / digest.hex()[:16]).write_bytes(data)
            count += 1
        if not count:
            sys.exit(f"no seeds from {source.__name__}")
    words = dictionary(root)
    pathlib.Path(sys.argv[2]).write_text(words)
    print(f"{len(list(folder.iterdir()))} seeds, {words.count(chr(10))} words")


main()
