#!/usr/bin/env python3
"""Proves the Go code actions with a real Docker engine.

    run.py [--dockline PROGRAM] [--work FOLDER] [NAME …]

For each scenario: build and run the Dockerfile, let `dockline lsp` apply the code action, build and run again, change the
source, build once more. The actions must keep the output, and each must do what it promises: no module downloaded again, a
build that failed works, an image that is many times smaller. Prints a table; the exit code is 1 when a promise is broken.
Without a running engine (DOCKER_HOST) up.sh starts one in FOLDER.
"""
import argparse
import gzip
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

from engine import docker
from goproxy import Proxy, certificate
from lsp import Server
from scenarios import PASSWORD, SCENARIOS

HERE = Path(__file__).resolve().parent

#: What the builder may keep from one scenario to the next: a disk may be small.
KEPT = "2GB"

#: The machine in an ELF header.
ARM64 = 183


class Failed(Exception):
    """A promise that is broken."""


def build(folder, tag, scenario, *options):
    """Builds `folder`: seconds, the error's text or None, and all that was printed."""
    secrets = []
    for name, text in scenario.secrets.items():
        path = folder.parent / name
        path.write_text(text)
        secrets += ["--secret", f"id={name},src={path}"]
    began = time.time()
    code, text = docker("build", "--network", "host", "--progress", "plain", *secrets, *options, "-t", tag, ".", cwd=folder)
    return time.time() - began, text if code else None, text


def machine(tag, program):
    """The machine of a program of an image, from its ELF header."""
    container = docker("create", tag)[1].split()[-1]
    with tempfile.TemporaryDirectory() as folder:
        code, text = docker("cp", f"{container}:{program}", f"{folder}/program")
        docker("rm", container)
        if code:
            raise Failed(text)
        return int.from_bytes(Path(folder, "program").read_bytes()[18:20], "little")


def leaks(tag, text):
    """True when `text` is in a layer or in the history of an image."""
    with tempfile.TemporaryDirectory() as folder:
        docker("save", "-o", f"{folder}/image.tar", tag)
        with tarfile.open(f"{folder}/image.tar") as image:
            for member in filter(tarfile.TarInfo.isfile, image):
                data = image.extractfile(member).read()
                if data[:2] == b"\x1f\x8b":
                    data = gzip.decompress(data)
                if text.encode() in data:
                    return True
    return False


def run(tag, arguments):
    """Exit code and output of a container."""
    return docker("run", "--rm", "--network", "none", tag, *arguments)


def size(tag):
    """Bytes of an image."""
    return int(docker("image", "inspect", "--format", "{{.Size}}", tag)[1])


def edit_source(path, word):
    """Changes a constant of the program."""
    path.write_text(re.sub(r'release = ".*"', f'release = "{word}"', path.read_text()))


class State:
    """What was measured of one Dockerfile."""

    def __init__(self, folder, tag, scenario, proxy, nonce):
        self.build_error = self.run_error = self.output = self.size = self.rebuild = self.downloads = None
        self.machine = self.leaked = self.shell = None
        source = folder / scenario.source
        edit_source(source, f"{nonce}-1-{tag}")
        # A step that is cached prints nothing.
        options = ["--no-cache"] if scenario.says else []
        self.first, self.build_error, self.log = build(folder, tag, scenario, *options)
        if self.build_error:
            return
        code, output = run(tag, scenario.arguments)
        self.output, self.run_error, self.size = output, output if code else None, size(tag)
        if scenario.rebuild:
            edit_source(source, f"{nonce}-2-{tag}")
            before = proxy.downloads
            self.rebuild, self.build_error, _ = build(folder, tag, scenario)
            self.downloads = proxy.downloads - before
        if scenario.cross and not self.build_error:
            _, error, _ = build(folder, f"{tag}-arm64", scenario, "--platform", "linux/arm64")
            self.machine = error or machine(f"{tag}-arm64", scenario.cross)
        if scenario.shell and "AS debug" in (folder / "Dockerfile").read_text():
            _, self.shell, _ = build(folder, f"{tag}-debug", scenario, "--target", "debug")
            shell = ["--entrypoint", "sh", f"{tag}-debug", "-c", "echo a shell; id -u"]
            self.shell = self.shell or docker("run", "--rm", "--network", "none", *shell)[1]
        self.leaked = any(leaks(tag, text.split()[-1]) for text in scenario.secrets.values())

    def row(self):
        """Its cells of the table."""
        if self.build_error:
            result = "build fails"
        elif self.run_error:
            result = "run fails"
        else:
            result = "runs"
        cell = lambda value, form: "" if value is None else form.format(value)
        return [result, cell(self.first, "{:.1f} s"), cell(self.rebuild, "{:.1f} s"), cell(self.downloads, "{}"),
                cell(self.size and self.size / 1e6, "{:.1f} MB")]


def check(scenario, before, after):
    """Raises Failed where the scenario's promises are broken."""
    if scenario.fails:
        text = before.build_error or before.run_error
        if not text or scenario.fails not in text:
            raise Failed(f"before: {scenario.fails!r} expected, got {text or before.output!r}")
    elif before.build_error or before.run_error:
        raise Failed(f"before: {before.build_error or before.run_error}")
    if after.build_error or after.run_error:
        raise Failed(f"after: {after.build_error or after.run_error}")
    if not scenario.fails and not scenario.changes and before.output != after.output:
        raise Failed(f"other output: {before.output!r}, {after.output!r}")
    if scenario.output not in after.output:
        raise Failed(f"{scenario.output!r} is not in {after.output!r}")
    if scenario.smaller and before.size < after.size * scenario.smaller:
        raise Failed(f"{before.size} is not {scenario.smaller} times {after.size}")
    if scenario.says not in after.log:
        raise Failed(f"the build does not print {scenario.says!r}: {after.log}")
    if scenario.cross and (before.machine == ARM64 or after.machine != ARM64):
        raise Failed(f"machines {(before.machine, after.machine)}")
    if scenario.shell and "a shell" not in after.shell:
        raise Failed(f"no shell: {after.shell}")
    if after.leaked:
        raise Failed("a secret is in the image")
    if scenario.downloads is not None and (before.downloads, after.downloads) != scenario.downloads:
        raise Failed(f"downloads {(before.downloads, after.downloads)}, expected {scenario.downloads}")


def prove(scenario, program, work, proxy, nonce, known):
    """Both states of a scenario."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "project"
        shutil.copytree(HERE / "projects" / scenario.project, folder)
        dockerfile = folder / "Dockerfile"
        dockerfile.write_text(scenario.dockerfile)
        for name, text in scenario.files.items():
            (folder / name).write_text(text)
        if scenario.project == "sqlite":
            sums(work, folder)
        key = (scenario.project, scenario.dockerfile, tuple(scenario.arguments))
        if key not in known:
            known[key] = State(folder, "before", scenario, proxy, nonce)
        for title in [scenario.action] if isinstance(scenario.action, str) else scenario.action:
            server = Server(program, folder)
            server.apply("Dockerfile", title)
            server.close()
        after = State(folder, "after", scenario, proxy, nonce)
        try:
            check(scenario, known[key], after)
        except Failed as failure:
            raise Failed(f"{failure}\n{dockerfile.read_text()}") from None
        return known[key], after


def start_engine(work):
    """Starts the engine in `work` and points docker to it, unless one is there."""
    if "DOCKER_HOST" not in os.environ:
        subprocess.run([HERE / "up.sh", work], check=True)
        variables = dict(re.findall(r"(\w+)=(\S+)", (Path(work) / "env.sh").read_text()))
        variables["PATH"] = variables["PATH"].replace("$PATH", os.environ["PATH"])
        os.environ.update(variables)
    # Alpine's version is that of the offers.
    for version in ("3.22", "3.23", "3.24"):
        docker("tag", "alpine:latest", f"alpine:{version}")


def private_proxy(folder):
    """A proxy that wants a password, and `golang:1.27.3`, which gets its modules there."""
    keys = certificate(folder)
    Path(folder, "Dockerfile").write_text("""FROM golang:1.27
COPY certificate.pem /tmp/
RUN cat /tmp/certificate.pem >> /etc/ssl/certs/ca-certificates.crt \\
    && sed -i 's|^GOPROXY=.*|GOPROXY=https://127.0.0.1:8443|' /usr/local/go/go.env \\
    && echo GONOPROXY=none >> /usr/local/go/go.env
""")
    code, text = docker("build", "--network", "host", "-t", "golang:1.27.3", ".", cwd=folder)
    if code:
        raise RuntimeError(text)
    return Proxy(HERE / "modules", 8443, password=PASSWORD, certificate=keys)


def sqlite(folder):
    """The module github.com/mattn/go-sqlite3 as Debian ships it: it links the SQLite of the system."""
    subprocess.run(["apt-get", "download", "-qq", "golang-github-mattn-go-sqlite3-dev"], cwd=folder, check=True,
                   stderr=subprocess.DEVNULL)
    package = next(Path(folder).glob("*.deb"))
    subprocess.run(["dpkg", "-x", package, folder], check=True)
    return Path(folder, "usr/share/gocode/src/github.com/mattn/go-sqlite3")


def sums(work, folder):
    """Writes the go.sum of a project whose modules are not always the same."""
    go = max(Path(work).resolve().glob("go-*/bin/go"))
    environment = {**os.environ, "GOFLAGS": "-modcacherw", "GOPATH": f"{folder.parent}/gopath", "GOTOOLCHAIN": "local"}
    subprocess.run([go, "mod", "tidy"], cwd=folder, env=environment, check=True, capture_output=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dockline", default=str(HERE.parents[1] / "target" / "debug" / "dockline"))
    parser.add_argument("--work", default="/tmp/dockline-e2e")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    start_engine(options.work)
    proxy, known, failures, rows = Proxy(HERE / "modules"), {}, [], []
    nonce = str(time.time_ns())
    chosen = [scenario for scenario in SCENARIOS if not options.names or scenario.name in options.names]
    fetched = tempfile.TemporaryDirectory()
    private = private_proxy(fetched.name) if any(scenario.private for scenario in chosen) else None
    if any(scenario.project == "sqlite" for scenario in chosen):
        proxy.others["github.com/mattn/go-sqlite3"] = ("v1.14.16", sqlite(fetched.name))
    for scenario in chosen:
        try:
            before, after = prove(scenario, options.dockline, options.work, proxy, nonce, known)
            rows += [[scenario.name, "before", *before.row()], ["", "after", *after.row()]]
            print(f"ok {scenario.name}", flush=True)
        except (Failed, LookupError, RuntimeError, TimeoutError) as failure:
            failures.append(scenario.name)
            print(f"FAILED {scenario.name}: {failure}", flush=True)
        docker("image", "prune", "-f")
        docker("builder", "prune", "-f", "--keep-storage", KEPT)
    proxy.close()
    if private:
        private.close()
    fetched.cleanup()
    head = ["scenario", "", "result", "first build", "rebuild", "downloads", "image"]
    print("\n| " + " | ".join(head) + " |\n|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
