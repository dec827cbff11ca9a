"""A client of `dockline lsp`, as small as can be: open a Dockerfile, ask for code actions, apply one."""
import json
import subprocess
import threading
import time
from pathlib import Path


class Server:
    """A server for the project in `folder`."""

    def __init__(self, program, folder):
        self.folder = Path(folder)
        self.process = subprocess.Popen([program, "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.next, self.answers, self.arrived = 0, {}, threading.Condition()
        threading.Thread(target=self.read, daemon=True).start()
        capabilities = {"textDocument": {"hover": {"contentFormat": ["markdown"]}, "codeAction": {
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["", "quickfix", "refactor", "refactor.rewrite"]}},
            "resolveSupport": {"properties": ["edit"]}, "dataSupport": True}},
            "workspace": {"workspaceEdit": {"documentChanges": True, "resourceOperations": ["create"]}}}
        root = self.folder.as_uri()
        self.capabilities = self.request("initialize", {
            "processId": None, "rootUri": root, "capabilities": capabilities,
            "workspaceFolders": [{"uri": root, "name": "project"}]})
        self.notify("initialized", {})

    def write(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def read(self):
        out = self.process.stdout
        while True:
            length = 0
            while (line := out.readline().strip()):
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            if not length:
                return
            message = json.loads(out.read(length))
            if "method" in message and "id" in message:
                self.write({"id": message["id"], "result": None})
            elif "id" in message:
                with self.arrived:
                    self.answers[message["id"]] = message
                    self.arrived.notify_all()

    def notify(self, method, params):
        self.write({"method": method, "params": params})

    def request(self, method, params, timeout=30):
        self.next += 1
        number = self.next
        self.write({"id": number, "method": method, "params": params})
        with self.arrived:
            if not self.arrived.wait_for(lambda: number in self.answers, timeout):
                raise TimeoutError(method)
            answer = self.answers.pop(number)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def actions(self, name):
        """What is offered for the whole file `name`."""
        path = self.folder / name
        text = path.read_text()
        end = {"line": text.count("\n"), "character": len(text.rsplit("\n", 1)[-1])}
        return self.request("textDocument/codeAction", {
            "textDocument": {"uri": path.as_uri()},
            "range": {"start": {"line": 0, "character": 0}, "end": end},
            "context": {"diagnostics": []}}) or []

    def apply(self, name, title, timeout=30):
        """Applies the action called `title` to the file `name`; waits until the project is read."""
        path = self.folder / name
        self.notify("textDocument/didOpen", {"textDocument": {
            "uri": path.as_uri(), "languageId": "dockerfile", "version": 1, "text": path.read_text()}})
        deadline = time.time() + timeout
        # The project is read beside; what is offered before that is based on the Dockerfile alone.
        time.sleep(3)
        while True:
            offers = self.actions(name)
            found = [offer for offer in offers if offer["title"] == title]
            if found:
                break
            if time.time() > deadline:
                raise LookupError(f"{title!r} is not among {[offer['title'] for offer in offers]}")
            time.sleep(0.2)
        offer = found[0]
        if "edit" not in offer:
            offer = self.request("codeAction/resolve", offer)
        write_edit(offer["edit"], path)

    def close(self):
        self.request("shutdown", None)
        self.notify("exit", None)
        self.process.wait(10)


def write_edit(edit, path):
    """Applies the part of a workspace edit that changes `path`."""
    edits = list(edit.get("changes", {}).get(path.as_uri(), []))
    for change in edit.get("documentChanges", []):
        if change.get("textDocument", {}).get("uri") == path.as_uri():
            edits += change["edits"]
    text = path.read_text()
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    # All test files are ASCII: UTF-16 columns are indices.
    offset = lambda at: min(starts[at["line"]] + at["character"], len(text))
    ordered = sorted(enumerate(edits), key=lambda pair: (offset(pair[1]["range"]["start"]), pair[0]), reverse=True)
    for _, one in ordered:
        start, end = offset(one["range"]["start"]), offset(one["range"]["end"])
        text = text[:start] + one["newText"] + text[end:]
    path.write_text(text)
