#!/usr/bin/env python3
"""Proves `dockline slice` with real builds: in the slice an instruction does what it does in the whole Dockerfile.

    tests/e2e/slices.py [DOCKLINE]          DOCKER_HOST points to the engine of up.sh

For each marked instruction (`#!` at the end of its line, taken away before the build) the whole file and the slice are built
without a cache of their own; what the builder says of the instruction's step has to be the same: done, or the same error. Where it
is the last one of its stage and starts a container, the image is started too.
"""
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from engine import docker

HERE = Path(__file__).resolve().parent
DOCKLINE = sys.argv[1] if len(sys.argv) > 1 else str(HERE.parent.parent / "target/debug/dockline")

# name, project, Dockerfile
FILES = [
    ("site", "site", """# a comment that stays away

ARG GO=1.27
ARG UNUSED=x
ARG FINAL=nonroot

FROM alpine AS notes
RUN echo notes > /notes #!

FROM golang:${GO} AS build
LABEL stage=build
ARG RELEASE=7
ENV CGO_ENABLED=0
WORKDIR /src
COPY go.mod ./
COPY . .
# the program
RUN go build \\
    # stripped
    -ldflags="-s -w -X main.none=$RELEASE" \\
    -o /out/main . #!

FROM build AS check
RUN test -x /out/main && test "$RELEASE" = 7 && test "$CGO_ENABLED" = 0 #!

FROM alpine AS assets
WORKDIR /assets
COPY templates ./templates
COPY <<"EOT" /assets/config.yaml
title: $none
EOT
RUN <<EOT #!
set -e
grep -q 'title: [$]none' config.yaml
ls templates > list
EOT
CMD ["ls"]

FROM gcr.io/distroless/static-debian13:${FINAL}
LABEL a=b
WORKDIR /app
COPY --from=build /out/main ./
COPY --from=2 /out/missing ./ #!
"""),
    ("numbers", "site", """FROM alpine AS zero
RUN echo 0 > /n
FROM alpine AS one
RUN echo 1 > /n #!
FROM alpine AS two
COPY --from=1 /n /n #!
RUN test "$(cat /n)" = 1 #!
FROM two
ENV A=1
RUN --mount=type=bind,from=one,source=/n,target=/mnt/n test "$(cat /mnt/n)$A" = 11 #!
USER 1000
RUN touch /denied #!
"""),
    ("variables", "site", """ARG WHICH=b
FROM alpine AS a
RUN echo a > /a #!
FROM alpine AS b
RUN echo b > /b
FROM ${WHICH} AS chosen
ARG SEEN=1
ARG ALSO
SHELL ["/bin/sh", "-eu", "-c"]
RUN cat /b && test "$SEEN" = 1 #!
RUN echo "$ALSO" #!
VOLUME /data
WORKDIR /b
"""),
    ("escape", "site", """# escape=`
FROM alpine AS early
RUN echo x > /x #!
EXPOSE 80
ONBUILD RUN echo triggered > /triggered
FROM early
STOPSIGNAL SIGTERM
RUN test -e /triggered `
    && test -e /x #!
COPY --from=early /y /y #!
"""),
    ("start", "site", """FROM golang:1.27 AS build
ENV CGO_ENABLED=0
WORKDIR /src
COPY . .
RUN go build -o /out/main .

FROM golang:1.27-alpine AS lint
RUN exit 1 #!

FROM gcr.io/distroless/static-debian13:nonroot
WORKDIR /app
COPY --from=build /out/main ./
COPY --from=build /src/templates ./templates #!
COPY --from=build /src/config.yaml ./
EXPOSE 8080
ENTRYPOINT ["/app/main"] #!
"""),
    ("broken start", "site", """FROM alpine AS data
RUN echo 1 > /one
FROM scratch
LABEL a=b
COPY --from=data /one /one #!
CMD /one #!
"""),
]


def marked(text):
    """The Dockerfile without marks, and the lines that had one."""
    lines = text.splitlines()
    places = [number for number, line in enumerate(lines, 1) if line.endswith(" #!")]
    return "\n".join(line.removesuffix(" #!") for line in lines) + "\n", places


def build(folder, dockerfile, tag, target):
    """What the builder says, step by step: the text of the instruction → how it ended."""
    words = ["build", "--network", "host", "--progress", "plain", "-f", str(dockerfile), "-t", tag]
    words += ["--target", target] if target else []
    code, log = docker(*words, str(folder))
    steps, ends = {}, {}
    for number, text in re.findall(r"^#(\d+) \[(?!internal)[^\]]*\] (.*)$", log, re.M):
        steps[number] = text
    for number, end in re.findall(r"^#(\d+) (DONE|CACHED|ERROR.*)", log, re.M):
        ends.setdefault(number, end)
    found = {steps[number]: "done" if end in ("DONE", "CACHED") else end for number, end in ends.items() if number in steps}
    return code, found, log


def instruction(text, line):
    """The first line of the step that the instruction of `line` makes, as far as the builder shows it."""
    lines = text.splitlines()
    first = line - 1
    while first and (lines[first - 1].rstrip().endswith(("\\", "`")) or lines[first - 1].lstrip().startswith("# stripped")):
        first -= 1
    return lines[first].split("\\")[0].split("`")[0].strip()


def outcome(steps, start):
    """Numbers of stages may differ, and the builder shows the values of variables."""
    plain = lambda text: re.sub(r"--from=\d+", "--from=N", text).split("$")[0]
    found = [end for text, end in steps.items() if plain(re.sub(r'"1".*', '"$', text)).startswith(plain(start)[:28])]
    return found[0] if found else "no step"


def started(tag):
    code, output = docker("run", "--rm", "--network", "none", tag)
    return code, output.replace(tag, "")


def prove(name, project, text, line):
    with tempfile.TemporaryDirectory() as folder:
        whole, cut = Path(folder, "Dockerfile"), Path(folder, "Dockerfile.slice")
        whole.write_text(text)
        sliced = subprocess.run([DOCKLINE, "slice", f"{whole}:{line}"], capture_output=True, text=True)
        assert sliced.returncode == 0, sliced.stderr
        cut.write_text(sliced.stdout)
        context = HERE / "projects" / project
        start = instruction(text, line)
        stage = [words for words in map(str.split, text.splitlines()[:line]) if words and words[0] == "FROM"][-1]
        target = stage[stage.index("AS") + 1] if "AS" in stage else None
        code, steps, log = build(context, whole, "slice-whole", target)
        cut_code, cut_steps, cut_log = build(context, cut, "slice-cut", None)
        tidy = lambda text: re.sub(r"(process|layer|vertex) \S+ |\w{25}|slice-\w+", "", text)
        if start.startswith(("CMD", "ENTRYPOINT")):
            one, other = started("slice-whole"), started("slice-cut")
        else:
            one, other = tidy(outcome(steps, start)), tidy(outcome(cut_steps, start))
        same = one == other and one != "no step"
        fewer = f"{len(text.splitlines())} → {len(sliced.stdout.splitlines())} lines"
        print(f"{'ok  ' if same else 'BAD '} {name}:{line} {start[:40]!r} {fewer}: {str(one)[:110]}", flush=True)
        if not same:
            print(f"  whole ({code}): {one}\n  slice ({cut_code}): {other}\n{sliced.stdout}\n{log[-1500:]}\n{cut_log[-1500:]}")
        return same


def main():
    good = []
    for name, project, marks in FILES:
        text, places = marked(marks)
        good += [prove(name, project, text, line) for line in places]
    print(f"{sum(good)} of {len(good)} slices do what the whole file does")
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
