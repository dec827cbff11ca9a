#!/usr/bin/env python3
"""Talks to a language server: initialize, open a file, wait for its findings, shutdown, exit.

    lsp.py VERSION COMMAND…        lsp.py 0.1.0 dockline lsp
"""

import json
import subprocess
import sys
import threading

LIMIT = 60  # seconds
TEXT = "FROM scratch\nCOPPY app /app\n"


def send(process, message):
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
    process.stdin.flush()


def receive(process):
    length = 0
    while (line := process.stdout.readline()) != b"\r\n":
        if not line:
            sys.exit("lsp: the server said no more")
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    return json.loads(process.stdout.read(length))


def until(process, wanted):
    while not wanted(message := receive(process)):
        pass
    return message


def converse(process, version):
    send(process, {"id": 1, "method": "initialize", "params": {"processId": None, "rootUri": None, "capabilities": {}}})
    server = until(process, lambda message: message.get("id") == 1)["result"]["serverInfo"]
    assert server == {"name": "dockline", "version": version}, server
    send(process, {"method": "initialized", "params": {}})
    document = {"uri": "file:///tmp/Dockerfile", "languageId": "dockerfile", "version": 1, "text": TEXT}
    send(process, {"method": "textDocument/didOpen", "params": {"textDocument": document}})
    published = until(process, lambda message: message.get("method") == "textDocument/publishDiagnostics")
    rules = [one["code"] for one in published["params"]["diagnostics"]]
    assert rules == ["unknown-instruction"], rules
    send(process, {"id": 2, "method": "shutdown"})
    until(process, lambda message: message.get("id") == 2)
    send(process, {"method": "exit"})
    return process.wait()


def main():
    version, *command = sys.argv[1:]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    timer = threading.Timer(LIMIT, process.kill)
    timer.daemon = True
    timer.start()
    try:
        code = converse(process, version)
    finally:
        process.kill()
    if code != 0:
        sys.exit(f"lsp: the server ended with code {code}")


if __name__ == "__main__":
    main()
