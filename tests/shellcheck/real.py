"""dockline with the real ShellCheck: `real.py DOCKLINE SHELLCHECK`. Fails where something is not as it should be.

It asks the command line and the language server; for what must not happen it puts other programs in ShellCheck's place.
"""
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

DOCKLINE, SHELLCHECK = (str(Path(argument).resolve()) for argument in sys.argv[1:3])
TEXT = 'FROM debian:12\nENV greeting="a b"\nRUN echo "\N{GRINNING FACE}" && \\\n  # a comment\n  echo $greeting $missing\nRUN cd /x; make\n'
URI = "untitled:Dockerfile"


def environment(path):
    return dict(os.environ, PATH=path, TMPDIR=TMP)


class Server:
    """`dockline lsp`, after `initialized`."""

    def __init__(self, path, settings=None):
        self.process = subprocess.Popen(
            [DOCKLINE, "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment(path)
        )
        self.incoming, self.seen, self.id = queue.Queue(), [], 0
        threading.Thread(target=self.read, daemon=True).start()
        links = {"textDocument": {"publishDiagnostics": {"codeDescriptionSupport": True}}}
        self.request("initialize", {"capabilities": links, "initializationOptions": settings or {}})
        self.notify("initialized", {})

    def read(self):
        while header := self.process.stdout.readline():
            self.process.stdout.readline()
            self.incoming.put(json.loads(self.process.stdout.read(int(header.split(b":")[1]))))

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def notify(self, method, params):
        self.send({"method": method, "params": params})

    def request(self, method, params):
        self.id += 1
        self.send({"id": self.id, "method": method, "params": params})
        return self.wait(lambda message: message.get("id") == self.id and "method" not in message)["result"]

    def wait(self, wanted, seconds=60):
        """The next message that is wanted; the others are kept in `seen`."""
        end = time.monotonic() + seconds
        while True:
            message = self.incoming.get(timeout=max(0.01, end - time.monotonic()))
            self.seen.append(message)
            if wanted(message):
                return message

    def open(self, text):
        self.notify("textDocument/didOpen", {"textDocument": {"uri": URI, "languageId": "dockerfile", "version": 1, "text": text}})

    def edit(self, version, line, start, end, text):
        change = {"range": {"start": {"line": line, "character": start}, "end": {"line": line, "character": end}}, "text": text}
        self.notify("textDocument/didChange", {"textDocument": {"uri": URI, "version": version}, "contentChanges": [change]})

    def published(self, wanted):
        """The diagnostics as soon as their codes with lines are `wanted`."""
        got = None

        def fits(message):
            nonlocal got
            if message.get("method") == "textDocument/publishDiagnostics":
                got = codes(message["params"]["diagnostics"])
                return got == wanted
            return False

        try:
            return self.wait(fits)["params"]["diagnostics"]
        except queue.Empty:
            raise SystemExit(f"published {got}, not {wanted}") from None

    def stop(self):
        self.request("shutdown", None)
        self.notify("exit", None)
        assert self.process.wait(20) == 0


def codes(diagnostics):
    return sorted((found["code"], found["range"]["start"]["line"]) for found in diagnostics if found["code"].startswith("SC"))


def check(folder, path, *arguments):
    command = [DOCKLINE, "check", "--format", "json", "--level", "hint", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment(path), capture_output=True, text=True)
    assert done.returncode in (0, 1), done
    return done, [found for file in json.loads(done.stdout)["files"] for found in file["diagnostics"]]


def program(folder, text):
    path = Path(folder, "shellcheck")
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def command_line(folder):
    Path(folder, "Dockerfile").write_text(TEXT)
    _, found = check(folder, str(Path(SHELLCHECK).parent))
    places = [(d["aliases"][0], d["range"]["start"]["line"], d["range"]["start"]["column"], d["range"]["end"]["column"]) for d in found if d["rule"] == "shellcheck"]
    expected = [("SC2086", 5, 8, 17), ("SC2086", 5, 18, 26), ("SC2154", 5, 18, 26), ("SC2164", 6, 5, 10)]
    assert sorted(places) == expected, places
    done, found = check(folder, "")
    assert not done.stderr and all(d["rule"] != "shellcheck" for d in found), "absent, it is no error"
    assert "ShellCheck is not used" in subprocess.run(
        [DOCKLINE, "check"], cwd=folder, env=environment("") | {"DOCKLINE_LOG": "info"}, capture_output=True, text=True
    ).stderr


def fixes_come_to_an_end(folder):
    file = Path(folder, "Dockerfile")
    file.write_text("FROM debian:12\nRUN x=`ls $1 | wc -l` && \\\n  # c\n  cp `cat $x` $2; cd /y; make\nRUN <<EOF\n\tcp $1 é$2\nEOF\n")
    command = [DOCKLINE, "fix", "--unsafe", "--level", "hint"]
    first, again = (
        subprocess.run([*command, "Dockerfile"], cwd=folder, env=environment(str(Path(SHELLCHECK).parent)), capture_output=True, text=True)
        for _ in range(2)
    )
    assert "$(ls \"$1\" | wc -l)" in file.read_text() and '\tcp "$1" é"$2"' in file.read_text(), file.read_text()
    assert not again.stdout and again.returncode == 0, (first, again)


def never_a_program_of_the_project(folder):
    program(folder, "echo ran > ran; echo 'version: 0.9.0'")
    Path(folder, "dockline.toml").write_text(f'shellcheck.path = "{folder}/shellcheck"\n')
    done, _ = check(folder, ".:")
    assert "shellcheck.path" in done.stderr, done.stderr
    server = Server(".:")
    server.open("FROM debian:12\nRUN cp $1 x\n")
    server.wait(lambda message: message.get("method") == "window/logMessage")
    server.stop()
    assert not Path(folder, "ran").exists(), "a program of the project was run"
    Path(folder, "dockline.toml").unlink()


def language_server():
    server = Server(str(Path(SHELLCHECK).parent))
    server.open(TEXT)
    all_ = [("SC2086", 4), ("SC2086", 4), ("SC2154", 4), ("SC2164", 5)]
    found = server.published(all_)
    link = next(d for d in found if d["code"] == "SC2164")["codeDescription"]["href"]
    assert link == "https://www.shellcheck.net/wiki/SC2164", link
    # What stays the same keeps its findings, at once and at its new place; what changes loses them until it was looked at.
    server.seen.clear()
    server.edit(2, 1, 0, 0, "# a line\n")
    first = server.wait(lambda message: message.get("method") == "textDocument/publishDiagnostics")
    assert codes(first["params"]["diagnostics"]) == [(code, line + 1) for code, line in all_], first
    server.edit(3, 6, 4, 4, "true; ")
    first = server.wait(lambda message: message.get("method") == "textDocument/publishDiagnostics")
    assert ("SC2164", 6) not in codes(first["params"]["diagnostics"]), first
    server.published([(code, line + 1) for code, line in all_])
    # Its findings can be repaired.
    place = {"line": 5, "character": 10}
    actions = server.request("textDocument/codeAction", {"textDocument": {"uri": URI}, "range": {"start": place, "end": place}, "context": {"diagnostics": []}})
    assert isinstance(actions, list)
    server.notify("workspace/didChangeConfiguration", {"settings": {"dockline": {"shellcheck": {"enabled": "off"}}}})
    server.published([])
    server.stop()


def nothing_waits_for_it(folder):
    slow = program(folder, 'case "$1" in --version) echo "version: 0.9.0" ;; *) exec sleep 600 ;; esac')
    slow.write_text(slow.read_text().replace("exec sleep", "exec /bin/sleep"))
    server = Server("", {"shellcheck": {"path": str(slow)}})
    server.open(TEXT)
    time.sleep(1.5)
    assert os.listdir(TMP), "it is not being asked"
    for version in range(2, 42):
        started = time.monotonic()
        server.edit(version, 5, 4, 4, "x")
        server.request("textDocument/hover", {"textDocument": {"uri": URI}, "position": {"line": 0, "character": 1}})
        assert time.monotonic() - started < 2, "a keystroke waited"
    server.stop()


def absent():
    server = Server("")
    server.open(TEXT)
    logged = lambda message: message.get("method") == "window/logMessage"
    assert "ShellCheck is not used" in server.wait(logged)["params"]["message"]
    server.edit(2, 5, 4, 4, "true; ")
    time.sleep(1.5)
    server.request("textDocument/hover", {"textDocument": {"uri": URI}, "position": {"line": 0, "character": 1}})
    assert sum(map(logged, server.seen)) == 1, "it is said once"
    server.stop()


with tempfile.TemporaryDirectory() as TMP, tempfile.TemporaryDirectory() as PROJECT:
    version = subprocess.run([SHELLCHECK, "--version"], capture_output=True, text=True, check=True).stdout.split("\n")[1]
    command_line(PROJECT)
    fixes_come_to_an_end(PROJECT)
    never_a_program_of_the_project(PROJECT)
    language_server()
    nothing_waits_for_it(PROJECT)
    absent()
    assert not os.listdir(TMP), f"left behind: {os.listdir(TMP)}"
    print(f"ShellCheck {version}: command line and language server agree with what they should say")
