#!/usr/bin/env python3
"""A long editor session of random messages against `PROGRAM lsp`.

    soak.py PROGRAM [--messages 200000] [--seed N] [--verbose] [--self-test]

Twenty documents are opened, edited at random places (incremental changes in the negotiated unit, several in a message,
CRLF, lone CRs, surrogate pairs), saved and closed; every request that the server offers is sent with random positions, also
such as are not there; requests are cancelled, settings, files and workspace folders change, and frames arrive whose body is no
JSON, no message, or has params of another type. What is checked:

* every request is answered exactly once; what is well formed has a result, unless it was cancelled; no internal error;
* the texts are those of a model in Python: a document that is opened from nothing with the model's text, in the same folder,
  has the same symbols, semantic tokens, folds and diagnostics, and what changed in the semantic tokens makes the new of the old;
* the server lives to the end and leaves with exit code 0, without a panic in its log;
* its memory (resident set of /proc) is flat in the second half; judged from 50,000 messages on.

The seed decides what is sent, and when answers come decides the rest. Exit code 1 on any violation. The self-test forgets one
change in fifty when it keeps the model, and fails if nobody notices.
"""
import argparse
import json
import os
import random
import re
import shutil
import string
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
DOCUMENTS = 20
# So many requests may wait for their answer.
WINDOW = 40
# A document is proved every so many messages.
PROOF = 200
# Seconds until an answer is missing.
PATIENCE = 60
# A document that has grown longer is cut.
LONGEST = 9_000
# How much more memory than in the third quarter may be in use in the last: a part of it, and megabytes.
GROWTH = (0.03, 1.0)

PIECES = [
    "\n", "\n", "\n", "\r\n", "\r", "\\\n", " \\\n  ", "`\n", "# comment\n", "\n# dockline: ignore=untagged-image\n", "FROM alpine:3.20 AS base\n",
    "FROM golang:1.27\n", "FROM base\n", "RUN ", "RUN go build -o /app ./cmd/api\n", "RUN apk add --no-cache curl && \\\n    rm -rf /tmp\n",
    "COPY --from=base /a /b\n", "COPY . .\n", "COPY <<EOF /etc/x\nbody $A\nEOF\n", "RUN <<EOF\necho hi\nEOF\n", "ENV A=1 B=\"x $A\"\n",
    "ARG VERSION=1.27\n", "WORKDIR /src\n", "USER app\n", "EXPOSE 8080\n", "CMD [\"/app\"]\n", "ENTRYPOINT [", "HEALTHCHECK --interval=30s CMD curl -f x\n",
    "ONBUILD RUN make\n", "LABEL a=b\n", "--mount=type=cache,target=/root/.cache ", "--platform=$BUILDPLATFORM ", "\"", "'", "$", "${A", "${A:-", "}", "$(", ")",
    "<<EOF", "&& ", "| ", "; ", "if true; then ", "fi", "é", "ß", "日本", "😀", "👩‍👩‍👧", "\u0301", "\u00a0", "\u2028", "\ufeff", "\u0000", "\t", " ", " ", "=",
    ":", "/", "a", "b", "x", "0", "go ", "http://", "# syntax=docker/dockerfile:1\n", "# escape=`\n", "SHELL [\"pwsh\", \"-c\"]\n",
]
WORDS = ["", " ", "FROM", "go", "base", "😀", "../..", "a" * 300, "\u0000", "%", "é", "*"]
LINE_END = re.compile("\r\n|\n|\r")


class Violation(Exception):
    """What must not be."""


def seeds():
    """The Dockerfiles of the rules' pages, of the features' pages and of the examples."""
    texts = []
    for folder in ("src/rules", "tests/ide"):
        for page in sorted((ROOT / folder).rglob("*.md")):
            for block in page.read_text().split("```dockerfile")[1:]:
                texts.append(block.split("\n", 1)[1].split("```")[0].replace("<|>", ""))
    for path in sorted((ROOT / "examples").rglob("*Dockerfile")):
        texts.append(path.read_text())
    return texts


class Text:
    """The text of a document as the editor has it."""

    def __init__(self, text, unit):
        self.text, self.unit = text, unit

    def lines(self):
        """Where each line begins and ends, without its line end."""
        found, start = [], 0
        for end in LINE_END.finditer(self.text):
            found.append((start, end.start()))
            start = end.end()
        found.append((start, len(self.text)))
        return found

    def width(self, char):
        if self.unit == "utf-8":
            return len(char.encode())
        return 2 if self.unit == "utf-16" and ord(char) > 0xFFFF else 1

    def index(self, position, lines):
        """The place of a position: behind the end of a line its end, behind the last line the end, in a character its start."""
        if position["line"] >= len(lines):
            return len(self.text)
        start, end = lines[position["line"]]
        left = position["character"]
        line = self.text[start:end]
        if self.unit == "utf-32" or line.isascii():
            return start + min(left, len(line))
        for offset, char in enumerate(line):
            width = self.width(char)
            if left < width:
                return start + offset
            left -= width
        return end

    def position(self, index, lines):
        """The position of a place that lies in no line end."""
        low, high = 0, len(lines) - 1
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if lines[middle][0] <= index else (low, middle - 1)
        start, end = lines[low]
        return {"line": low, "character": sum(map(self.width, self.text[start:min(index, end)]))}

    def apply(self, change):
        if "range" not in change:
            self.text = change["text"]
            return
        lines = self.lines()
        places = sorted(self.index(change["range"][end], lines) for end in ("start", "end"))
        self.text = self.text[:places[0]] + change["text"] + self.text[places[1]:]


class Document:
    def __init__(self, uri):
        self.uri, self.text, self.version, self.tokens = uri, None, 0, None


class Server:
    """The process, its answers and what they must be."""

    def __init__(self, program, folder):
        self.log = open(folder / "stderr.log", "w+b")
        # Without programs beside it: ShellCheck would be another test.
        environment = {**os.environ, "PATH": "", "DOCKLINE_LOG": "warn"}
        self.process = subprocess.Popen([program, "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, env=environment)
        self.waiting, self.answers, self.wanted = {}, {}, set()
        self.cancelled, self.published, self.items = set(), {}, {}
        self.violations, self.counts, self.slowest = [], {}, {}
        self.lock = threading.Condition()
        self.next, self.sent, self.over = 0, 0, False
        self.writing = threading.Lock()
        self.settings = {}
        threading.Thread(target=self.read, daemon=True).start()

    # Writing

    def frame(self, body, headers=b""):
        with self.writing:
            try:
                self.process.stdin.write(b"Content-Length: %d\r\n%s\r\n%s" % (len(body), headers, body))
                self.process.stdin.flush()
            except OSError as error:
                raise Violation(f"the server is gone: {error}") from error

    def write(self, message):
        # One in two has its characters escaped.
        text = json.dumps({"jsonrpc": "2.0", **message}, ensure_ascii=self.sent % 2 == 0)
        self.frame(text.encode())

    def notify(self, method, params):
        self.sent += 1
        self.write({"method": method, "params": params})

    def ask(self, method, params, keep=False, sound=True):
        """Sends a request; `sound` ones must have a result."""
        with self.lock:
            if not self.lock.wait_for(lambda: len(self.waiting) < WINDOW or self.over, PATIENCE):
                raise Violation(f"no answers for {PATIENCE} s: {list(self.waiting.items())[:3]}")
            self.next += 1
            number = self.next if self.next % 7 else f"id-{self.next}-😀"
            self.waiting[number] = (method, sound, time.monotonic())
            if keep:
                self.wanted.add(number)
        self.sent += 1
        message = {"id": number, "method": method}
        if params is not None:
            message["params"] = params
        self.write(message)
        return number

    def result(self, number):
        """The answer to a request that was kept."""
        with self.lock:
            if not self.lock.wait_for(lambda: number in self.answers or self.over, PATIENCE) or number not in self.answers:
                raise Violation(f"no answer to {number} {self.waiting.get(number)}")
            return self.answers.pop(number)

    def drain(self):
        with self.lock:
            self.lock.wait_for(lambda: not self.waiting or self.over, PATIENCE)
            if self.waiting:
                raise Violation(f"never answered: {list(self.waiting.items())[:5]}")

    # Reading

    def read(self):
        out = self.process.stdout
        try:
            while (message := self.message(out)) is not None:
                self.take(message)
        except (ValueError, OSError) as error:
            self.blame(f"what is written is no message: {error!r}")
        with self.lock:
            self.over = True
            self.lock.notify_all()

    @staticmethod
    def message(out):
        length = None
        while (line := out.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            if name == b"Content-Length":
                length = int(value)
        return json.loads(out.read(length)) if length is not None else None

    def take(self, message):
        if "method" in message:
            if "id" in message:
                self.reply(message)
            elif message["method"] == "textDocument/publishDiagnostics":
                with self.lock:
                    self.published[message["params"]["uri"]] = message["params"]
                    self.lock.notify_all()
            return
        number, error = message.get("id"), message.get("error")
        if error and (error["code"] == -32603 or "panic" in str(error)):
            self.blame(f"an internal error: {message} to {self.waiting.get(number)}")
        if number is None:
            return
        with self.lock:
            asked = self.waiting.pop(number, None)
            if asked is None:
                self.violations.append(f"an answer to nothing, or a second one: {str(message)[:300]}")
                return
            method, sound, start = asked
            self.slowest[method] = max(self.slowest.get(method, 0), time.monotonic() - start)
            self.counts[method] = self.counts.get(method, 0) + 1
            if error and sound and not (error["code"] == -32800 and number in self.cancelled):
                self.violations.append(f"{method} is answered with {error}")
            if "result" in message and message["result"]:
                self.items[method] = message["result"]
            self.cancelled.discard(number)
            if number in self.wanted:
                self.wanted.discard(number)
                self.answers[number] = message
            self.lock.notify_all()

    def reply(self, request):
        """Editors answer what they are asked, one way or another."""
        answer = {"result": None}
        if request["method"] == "workspace/configuration":
            answer = {"result": [self.settings for _ in request["params"]["items"]]}
        elif request["method"] == "workspace/applyEdit":
            answer = {"result": {"applied": False}}
        chance = zlib.crc32(json.dumps([request["method"], request["id"]]).encode()) % 50
        if chance == 0:
            answer = {"error": {"code": -32603, "message": "no"}}
        elif chance == 1 and request["method"] != "workspace/configuration":
            answer = {"result": {"what": [1]}}
        self.write({"id": request["id"], **answer})

    def blame(self, what):
        with self.lock:
            self.violations.append(what)
            self.lock.notify_all()

    # Beside

    def megabytes(self):
        """Resident memory; 0 where that can't be told."""
        try:
            pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        except (OSError, IndexError):
            return 0.0
        return pages * os.sysconf("SC_PAGESIZE") / 1e6


def client_capabilities(unit, pull):
    yes = {"dynamicRegistration": True}
    text = {
        "synchronization": {"didSave": True},
        "hover": {"contentFormat": ["markdown"]},
        "completion": {"completionItem": {"snippetSupport": True, "documentationFormat": ["markdown"],
                                          "resolveSupport": {"properties": ["documentation"]}}, "contextSupport": True},
        "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": [""]}}, "disabledSupport": True, "dataSupport": True,
                       "isPreferredSupport": True, "resolveSupport": {"properties": ["edit"]}},
        "documentSymbol": {"hierarchicalDocumentSymbolSupport": True},
        "publishDiagnostics": {"relatedInformation": True, "codeDescriptionSupport": True, "tagSupport": {"valueSet": [1, 2]}, "versionSupport": True},
        "semanticTokens": {"requests": {"range": True, "full": {"delta": True}}, "tokenTypes": [], "tokenModifiers": [], "formats": ["relative"]},
        "rename": {"prepareSupport": True},
        "inlayHint": {"resolveSupport": {"properties": []}},
    }
    for plain in ("definition", "references", "documentHighlight", "foldingRange", "selectionRange", "documentLink", "signatureHelp", "codeLens",
                  "formatting", "rangeFormatting", "onTypeFormatting", "linkedEditingRange", "declaration", "implementation", "typeDefinition"):
        text[plain] = {}
    if pull:
        text["diagnostic"] = {"relatedDocumentSupport": True}
    refresh = {"refreshSupport": True}
    workspace = {"configuration": True, "workspaceFolders": True, "didChangeConfiguration": yes, "didChangeWatchedFiles": yes,
                 "workspaceEdit": {"documentChanges": True, "resourceOperations": ["create"]}, "applyEdit": True, "symbol": {},
                 "executeCommand": {}, "diagnostics": refresh, "inlayHint": refresh, "codeLens": refresh, "semanticTokens": refresh,
                 "fileOperations": {"didRename": True, "didDelete": True, "didCreate": True}}
    return {"general": {"positionEncodings": [unit]}, "textDocument": text, "workspace": workspace, "window": {"workDoneProgress": True}}


class Session:
    """One editor and its user, who is out of his mind."""

    def __init__(self, program, messages, seed, verbose, forgets):
        self.random, self.messages, self.verbose, self.forgets = random.Random(seed), messages, verbose, forgets
        self.unit = self.random.choice(["utf-16", "utf-16", "utf-8", "utf-32"])
        self.pull = self.random.random() < 0.7
        self.folder = Path(tempfile.mkdtemp(prefix="dockline-soak-"))
        self.projects = []
        for index, example in enumerate(["hobby-api", "cgo-service", "good", "hobby-api"]):
            self.projects.append(self.folder / f"p {index} é")
            shutil.copytree(ROOT / "examples" / example, self.projects[-1])
        self.seeds = seeds()
        self.documents = [Document(self.uri(number)) for number in range(DOCUMENTS)]
        self.server = Server(program, self.folder)
        self.memory, self.proofs, self.started = [], 0, time.monotonic()
        self.capabilities = {}

    def uri(self, number):
        if number >= DOCUMENTS - 4:
            return ["untitled:Dockerfile-1", "git:/a/b/Dockerfile?ref=HEAD", "untitled:%F0%9F%98%80/Dockerfile", "vscode-remote://ssh/x/Dockerfile"][DOCUMENTS - 1 - number]
        folder = self.projects[number % len(self.projects)]
        return (folder / (f"doc{number}.Dockerfile" if number % 3 else f"sub {number}/Dockerfile")).as_uri()

    def run(self):
        self.start()
        steps = [(44, self.change), (30, self.request), (4, self.toggle), (2, self.save), (3, self.cancel), (5, self.broken), (1.5, self.strange),
                 (0.4, self.configure), (0.4, self.touch), (0.2, self.roots), (0.5, self.trace)]
        weights, actions = zip(*steps)
        next_proof, next_sample = PROOF, 0
        while self.server.sent < self.messages:
            self.random.choices(actions, weights)[0]()
            if self.server.sent >= next_proof:
                self.prove()
                next_proof = self.server.sent + PROOF
            if self.server.sent >= next_sample:
                self.sample()
                next_sample = self.server.sent + max(self.messages // 200, 1)
            if self.server.violations:
                raise Violation(self.server.violations[0])
            if self.server.process.poll() is not None:
                raise Violation(f"the server ended: {self.server.process.returncode}")
        for document in self.documents:
            self.prove(document)
        self.end()

    def start(self):
        roots = [{"uri": project.as_uri(), "name": project.name} for project in self.projects[:3]]
        answer = self.server.result(self.server.ask("initialize", {
            "processId": os.getpid(), "rootUri": roots[0]["uri"], "workspaceFolders": roots,
            "capabilities": client_capabilities(self.unit, self.pull)}, keep=True))
        self.capabilities = answer["result"]["capabilities"]
        if self.capabilities["positionEncoding"] != self.unit:
            raise Violation(f"{self.unit} was offered")
        self.server.notify("initialized", {})
        self.requests = self.offered()
        for document in self.documents:
            self.open(document)

    # What the editor tells

    def open(self, document):
        text = self.random.choice(self.seeds)
        if self.random.random() < 0.2:
            text = text.replace("\n", "\r\n")
        if self.random.random() < 0.1:
            text = ""
        document.text, document.version = Text(text, self.unit), self.random.randrange(5)
        item = {"uri": document.uri, "languageId": "dockerfile", "version": document.version, "text": text}
        self.server.notify("textDocument/didOpen", {"textDocument": item})

    def close(self, document):
        document.text = document.tokens = None
        self.server.notify("textDocument/didClose", {"textDocument": {"uri": document.uri}})

    def toggle(self):
        document = self.random.choice(self.documents)
        if document.text is None:
            self.open(document)
        else:
            self.close(document)
            if self.random.random() < 0.8:
                self.open(document)

    def some(self):
        """An open document."""
        open_ones = [document for document in self.documents if document.text is not None]
        if not open_ones:
            self.open(self.documents[0])
            return self.documents[0]
        return self.random.choice(open_ones)

    def save(self):
        self.server.notify("textDocument/didSave", {"textDocument": {"uri": self.random.choice(self.documents).uri}})

    def change(self):
        """One burst of typing: the same document changes a few times."""
        document = self.some()
        for _ in range(self.random.choice([1, 1, 1, 2, 3])):
            changes = [self.one_change(document.text) for _ in range(self.random.choice([1, 1, 1, 2, 4]))]
            document.version += self.random.choice([1, 1, 1, 7])
            self.server.notify("textDocument/didChange", {
                "textDocument": {"uri": document.uri, "version": document.version}, "contentChanges": changes})

    def one_change(self, text):
        """A change, which is applied to `text` at once."""
        kind = self.random.random()
        if kind < 0.01 or len(text.text) > LONGEST:
            change = {"text": self.random.choice(self.seeds)}
        else:
            lines = text.lines()
            start = self.place(text, lines)
            if kind < 0.6:
                end, new = start, self.random.choice(PIECES)
            elif kind < 0.9:
                end = text.position(min(text.index(start, lines) + self.random.randrange(25), len(text.text)), lines)
                new = self.random.choice(["", "", "", self.random.choice(PIECES), self.random.choice(string.printable)])
            else:
                end, new = self.place(text, lines), self.random.choice(["", self.random.choice(PIECES) * 3])
                # A whole stretch only now and then, or nothing would be left of the text.
                if self.random.random() < 0.7:
                    end = {"line": start["line"], "character": end["character"]}
            change = {"range": {"start": start, "end": end}, "text": new}
        if not (self.forgets and self.random.random() < 0.02):
            text.apply(change)
        return change

    def place(self, text, lines):
        """A position, now and then one that is not there."""
        chance = self.random.random()
        if chance < 0.03:
            most = 2 ** 31 - 1
            return {"line": self.random.choice([0, len(lines), len(lines) + 5, most, 2 ** 32 - 1]),
                    "character": self.random.choice([0, 1, 10_000, most, 2 ** 32 - 1])}
        if chance < 0.3:
            line = self.random.randrange(len(lines))
            return {"line": line, "character": self.random.randrange(60)}
        return text.position(self.random.randint(0, len(text.text)), lines)

    # What the editor asks

    def offered(self):
        """The requests that the server can answer, with what makes their params."""
        at, doc, span = self.params_at, self.params_of, self.params_in
        options = {"tabSize": 4, "insertSpaces": True}
        context = {"diagnostics": []}
        known = {
            "hoverProvider": [("hover", at)],
            "completionProvider": [("completion", at), ("completion", at)],
            "definitionProvider": [("definition", at)],
            "declarationProvider": [("declaration", at)],
            "typeDefinitionProvider": [("typeDefinition", at)],
            "implementationProvider": [("implementation", at)],
            "referencesProvider": [("references", lambda: {**at(), "context": {"includeDeclaration": self.flip()}})],
            "documentHighlightProvider": [("documentHighlight", at)],
            "documentSymbolProvider": [("documentSymbol", doc)],
            "foldingRangeProvider": [("foldingRange", doc)],
            "selectionRangeProvider": [("selectionRange", lambda: self.at_many())],
            "documentLinkProvider": [("documentLink", doc)],
            "signatureHelpProvider": [("signatureHelp", at)],
            "codeLensProvider": [("codeLens", doc)],
            "inlayHintProvider": [("inlayHint", span)],
            "linkedEditingRangeProvider": [("linkedEditingRange", at)],
            "documentFormattingProvider": [("formatting", lambda: {**doc(), "options": options})],
            "documentRangeFormattingProvider": [("rangeFormatting", lambda: {**span(), "options": options})],
            "documentOnTypeFormattingProvider": [("onTypeFormatting", lambda: {**at(), "ch": "\n", "options": options})],
            "codeActionProvider": [("codeAction", lambda: {**span(), "context": context})],
            "diagnosticProvider": [("diagnostic", doc)],
            "semanticTokensProvider": [("semanticTokens/full", doc), ("semanticTokens/range", span),
                                       ("semanticTokens/full/delta", lambda: {**doc(), "previousResultId": self.result_id()})],
        }
        found = [(f"textDocument/{method}", params) for name, list in known.items() if self.capabilities.get(name) for method, params in list]
        rename = self.capabilities.get("renameProvider")
        if rename:
            # A name that can't be is refused: that is an answer too.
            found.append(("textDocument/rename?", lambda: {**at(), "newName": self.random.choice(["x", "new-name", "B2", "1", "", "a b"])}))
            if isinstance(rename, dict) and rename.get("prepareProvider"):
                found.append(("textDocument/prepareRename?", at))
        if self.capabilities.get("workspaceSymbolProvider"):
            found.append(("workspace/symbol", lambda: {"query": self.random.choice(WORDS)}))
        if isinstance(self.capabilities.get("diagnosticProvider"), dict) and self.capabilities["diagnosticProvider"].get("workspaceDiagnostics"):
            found.append(("workspace/diagnostic", lambda: {"previousResultIds": []}))
        for name, method in [("completionProvider", "completionItem/resolve"), ("codeActionProvider", "codeAction/resolve"),
                             ("codeLensProvider", "codeLens/resolve"), ("inlayHintProvider", "inlayHint/resolve"),
                             ("documentLinkProvider", "documentLink/resolve")]:
            provider = self.capabilities.get(name)
            if isinstance(provider, dict) and provider.get("resolveProvider"):
                found.append((f"{method}?", lambda method=method: self.item(method)))
        commands = self.capabilities.get("executeCommandProvider", {}).get("commands", [])
        if commands:
            found.append(("workspace/executeCommand?", lambda: {"command": self.random.choice(commands), "arguments": self.random.choice([
                [], [self.random.choice(self.documents).uri], [{"uri": self.random.choice(self.documents).uri}], [None, 1, "x"]])}))
        return found

    def flip(self):
        return self.random.random() < 0.5

    def item(self, method):
        """Something to resolve: from the last answer, or spoiled."""
        source = {"completionItem/resolve": "textDocument/completion", "codeAction/resolve": "textDocument/codeAction", "codeLens/resolve": "textDocument/codeLens",
                  "inlayHint/resolve": "textDocument/inlayHint", "documentLink/resolve": "textDocument/documentLink"}[method]
        items = self.server.items.get(source) or []
        items = items.get("items", []) if isinstance(items, dict) else items
        position = {"line": 0, "character": 0}
        span = {"start": position, "end": position}
        item = dict(self.random.choice(items)) if items else {"label": "x", "title": "x", "position": position, "range": span}
        if self.random.random() < 0.2:
            item["data"] = self.random.choice([None, 1, "x", {"uri": 1}, []])
        return item

    def result_id(self):
        last = self.server.items.get("textDocument/semanticTokens/full", {}).get("resultId")
        return self.random.choice([last or "1", "", "x", "1-1"])

    def params_of(self):
        return {"textDocument": {"uri": self.target()}}

    def target(self):
        """Mostly an open document."""
        chance = self.random.random()
        if chance < 0.97:
            return self.some().uri
        return self.random.choice([self.random.choice(self.documents).uri, "file:///nowhere/Dockerfile", "", "x:", "file://host/é", "untitled:?#"])

    def at_document(self):
        uri = self.target()
        document = next((document for document in self.documents if document.uri == uri and document.text), None)
        return uri, document

    def params_at(self):
        uri, document = self.at_document()
        position = self.place(document.text, document.text.lines()) if document else {"line": 1, "character": 2}
        return {"textDocument": {"uri": uri}, "position": position}

    def at_many(self):
        uri, document = self.at_document()
        lines = document.text.lines() if document else []
        positions = [self.place(document.text, lines) for _ in range(self.random.randrange(4))] if document else []
        return {"textDocument": {"uri": uri}, "positions": positions}

    def params_in(self):
        uri, document = self.at_document()
        start = end = {"line": 0, "character": 0}
        if document:
            lines = document.text.lines()
            start, end = self.place(document.text, lines), self.place(document.text, lines)
        return {"textDocument": {"uri": uri}, "range": {"start": start, "end": end}}

    def request(self):
        method, params = self.random.choice(self.requests)
        number = self.server.ask(method.rstrip("?"), params(), sound=not method.endswith("?"))
        if self.random.random() < 0.05:
            self.cancel(number)

    def cancel(self, number=None):
        with self.server.lock:
            waiting = list(self.server.waiting)
        number = number or self.random.choice(waiting + [0, -1, "x", 2 ** 40, self.server.next])
        with self.server.lock:
            self.server.cancelled.add(number)
        self.server.notify("$/cancelRequest", {"id": number})

    # What no editor says

    def broken(self):
        """Frames that are no messages, and messages that are not what they should be."""
        random, server = self.random, self.server
        uri = self.random.choice(self.documents).uri
        kind = random.randrange(10)
        if kind == 0:
            server.sent += 1
            server.frame(random.choice([b"{", b"", b"[]", b"[{}]", b"nul", b"\xff\xfe", b"{}" * 3, b"1", b'"x"', b"[" * 5000, b'{"jsonrpc":"2.0","method":"x","params":',
                                        b'{"jsonrpc":"2.0","method":"textDocument/didClose","params":{"textDocument":{"uri":"\\ud800"}}}',
                                        b'{"jsonrpc":"2.0"}', b'{"id":7}', b'{"jsonrpc":"2.0","method":7}', b'{"jsonrpc":"1.0","id":1e400,"method":"x"}',
                                        b'{"jsonrpc":"2.0","id":1.5,"method":"textDocument/hover"}', b'{"jsonrpc":"2.0","id":{},"method":"textDocument/hover"}',
                                        b'{"jsonrpc":"2.0","id":18446744073709551616,"method":"x"}']))
        elif kind == 1:
            server.ask(random.choice(["textDocument/unknown", "x", "", "workspace/никто", "$/x", "$/cancelRequest", "a" * 2000, "textDocument/didSave", "initialized"]), random.choice([None, {}, [], {"textDocument": {"uri": uri}}]), sound=False)
        elif kind == 2:
            params = random.choice([None, {}, [], [1], {"textDocument": 1}, {"textDocument": {"uri": 7}}, {"textDocument": {"uri": uri}, "position": {"line": -1, "character": 0}},
                                    {"textDocument": {"uri": uri}, "position": {"line": 1.5, "character": 0}}, {"textDocument": {"uri": uri}, "position": {"line": "1", "character": None}},
                                    {"textDocument": {"uri": uri}, "range": {"start": {}}}, {"textDocument": {"uri": uri}, "position": {"line": 2 ** 40, "character": 1}}])
            server.ask(random.choice(self.requests)[0].rstrip("?"), params, sound=False)
        elif kind == 3:
            method = random.choice(["textDocument/didOpen", "textDocument/didChange", "textDocument/didClose", "textDocument/didSave", "workspace/didChangeWatchedFiles",
                                    "workspace/didChangeWorkspaceFolders", "workspace/didChangeConfiguration", "initialized", "textDocument/didUnknown", "$/unknown", "$/cancelRequest"])
            params = random.choice([[], [1], 1, "x", {"textDocument": 1}, {"textDocument": {"uri": 7, "version": "x"}, "contentChanges": 1}, {"event": 1}, {"changes": [1]}])
            if method == "textDocument/didChange" and self.flip():
                params = {"textDocument": {"uri": uri, "version": 1}, "contentChanges": [{"range": 1, "text": 1}]}
            server.notify(method, params)
        elif kind == 4:
            # A change of a document that is not open.
            server.notify("textDocument/didChange", {"textDocument": {"uri": "file:///nowhere/Dockerfile", "version": 1}, "contentChanges": [{"text": "x"}]})
        elif kind == 5:
            server.sent += 1
            server.write({"id": random.choice([0, 1, -5, "x", 10 ** 9, 2 ** 62]), **random.choice([{"result": None}, {"result": [1]}, {"error": {"code": 1, "message": "x"}}])})
        elif kind == 6:
            server.ask("initialize", {"processId": None, "rootUri": None, "capabilities": {}}, sound=False)
        elif kind == 7:
            number = random.choice([2 ** 53 + random.randrange(9 ** 9), -random.randrange(1, 9 ** 9), "k" * random.randrange(1, 5000) + str(server.sent)])
            with server.lock:
                server.waiting[number] = ("textDocument/hover", True, time.monotonic())
            server.sent += 1
            server.write({"id": number, "method": "textDocument/hover", "params": self.params_at()})
        elif kind == 8:
            # A request that wants no answer.
            server.notify(random.choice(self.requests)[0].rstrip("?"), self.params_at())
        else:
            server.sent += 1
            body = json.dumps({"jsonrpc": "2.0", "method": "$/progress", "params": {"token": 1, "value": {}}, "more": [1]}).encode()
            server.frame(body, random.choice([b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\n", b"X-More: 1\r\n", b""]))

    def strange(self):
        """Messages that are right, but at a strange time."""
        document = self.random.choice(self.documents)
        if document.text is None:
            self.server.notify("textDocument/didClose", {"textDocument": {"uri": document.uri}})
        else:
            # The editor forgets that it is open.
            self.open(document)

    def trace(self):
        self.server.notify("$/setTrace", {"value": self.random.choice(["off", "messages", "verbose"])})

    # The world beside

    def configure(self):
        rules = ["untagged-image", "latest-tag", "unused-stage", "no-such-rule", "pipe-hides-failure"]
        levels = ["off", "hint", "info", "warning", "error", "loud", 7, None, {"level": "error"}]
        settings = {"rules": {rule: self.random.choice(levels) for rule in self.random.sample(rules, 2)}}
        if self.random.random() < 0.3:
            settings["preset"] = self.random.choice(["recommended", "pedantic", "hadolint", "x"])
        self.server.settings = self.random.choice([settings, {}, settings, None])
        self.server.notify("workspace/didChangeConfiguration", {"settings": self.random.choice([None, {}, {"dockline": settings}, [1]])})

    def touch(self):
        """A file beside changes, really, and the editor tells."""
        project = self.random.choice(self.projects)
        name, texts = self.random.choice([
            ("go.mod", ["module example.com/a\n\ngo 1.27\n", "module x\n", "go 1.", ""]), (".dockerignore", ["*.md\n", "**\n", "vendor\n!a\n", "cmd\n"]),
            ("dockline.toml", ["[rules]\nuntagged-image = \"off\"\n", "[rules\n", ""]), ("vendor/modules.txt", ["# a v1\n", ""]), ("go.work", ["go 1.27\nuse .\n"])])
        path = project / name
        if path.exists() and self.random.random() < 0.4:
            path.unlink()
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(self.random.choice(texts))
        kinds = [{"uri": path.as_uri(), "type": self.random.choice([1, 2, 3])} for _ in range(self.random.choice([1, 1, 3]))]
        self.server.notify("workspace/didChangeWatchedFiles", {"changes": kinds})

    def roots(self):
        folders = [{"uri": project.as_uri(), "name": project.name} for project in self.projects] + [{"uri": "untitled:x", "name": ""}, {"uri": "file:///nowhere", "name": "n"}]
        event = {"added": self.random.sample(folders, self.random.randrange(3)), "removed": self.random.sample(folders, self.random.randrange(3))}
        self.server.notify("workspace/didChangeWorkspaceFolders", {"event": event})

    # Proofs

    def prove(self, document=None):
        """The server's text is the model's: a new document with that text looks the same in every respect."""
        document = document or self.some()
        if document.text is None:
            return
        other = self.twin(document.uri)
        # What lies beside is looked at for what the text names when it is opened and saved.
        self.server.notify("textDocument/didSave", {"textDocument": {"uri": document.uri}})
        self.server.notify("textDocument/didOpen", {"textDocument": {"uri": other, "languageId": "dockerfile", "version": 1, "text": document.text.text}})
        offered = {method for method, _ in self.requests}
        for method in ("documentSymbol", "foldingRange", "semanticTokens/full"):
            if f"textDocument/{method}" not in offered:
                continue
            ours, fresh = (self.answer(method, uri) for uri in (document.uri, other))
            if method == "semanticTokens/full":
                self.prove_changes(document, ours)
                ours, fresh = ours and ours["data"], fresh and fresh["data"]
            if ours != fresh:
                raise Violation(f"{method} of {document.uri} is not that of its text:\n{ours}\n{fresh}\n{document.text.text!r}")
        self.prove_diagnostics(document, other)
        self.server.notify("textDocument/didClose", {"textDocument": {"uri": other}})
        self.proofs += 1

    @staticmethod
    def twin(uri):
        head, slash, name = uri.rpartition("/")
        return f"{head}{slash}{'proof.' + name if slash else 'untitled:proof-Dockerfile'}"

    def answer(self, method, uri, **more):
        answer = self.server.result(self.server.ask(f"textDocument/{method}", {"textDocument": {"uri": uri}, **more}, keep=True))
        if "result" not in answer:
            raise Violation(f"{method}: {answer}")
        return answer["result"]

    def prove_changes(self, document, full):
        """What changed since the last answer makes the new of the old."""
        if document.tokens:
            number, data = document.tokens
            delta = self.answer("semanticTokens/full/delta", document.uri, previousResultId=number)
            made = delta.get("data")
            if made is None:
                made = list(data)
                for edit in delta["edits"]:
                    made[edit["start"]:edit["start"] + edit["deleteCount"]] = edit.get("data", [])
            if made != full["data"]:
                raise Violation(f"what changed in {document.uri} does not lead to what is there")
        document.tokens = (full["resultId"], full["data"])

    def prove_diagnostics(self, document, other):
        """Scans beside may not have ended: both get there in the end."""
        deadline = time.monotonic() + PATIENCE / 2
        while True:
            ours, fresh = self.diagnostics(document.uri, document.version), self.diagnostics(other, 1)
            if ours is not None and ours == fresh:
                return
            if time.monotonic() > deadline:
                only = [[item for item in one or [] if item not in (other or [])] for one, other in ((ours, fresh), (fresh, ours))]
                raise Violation(f"diagnostics of {document.uri} are not those of its text, only ours: {only[0]}, only of the text: {only[1]}\n"
                                f"{document.text.text!r}")
            time.sleep(0.01)

    def diagnostics(self, uri, version):
        """Those of a version; `None` while they are not published."""
        if self.pull:
            items = self.answer("diagnostic", uri)["items"]
        else:
            with self.server.lock:
                published = self.server.published.get(uri, {})
            items = published["diagnostics"] if published.get("version") == version else None
        # Related places and messages name the document.
        name = uri.rpartition("/")[2]
        return items and json.loads(json.dumps(items).replace(json.dumps(uri)[1:-1], "URI").replace(name, "NAME"))

    # The end

    def sample(self):
        self.memory.append((self.server.sent, self.server.megabytes()))
        if self.verbose and len(self.memory) % 10 == 0:
            print(f"{self.server.sent:8} messages, {self.memory[-1][1]:.1f} MB, {self.proofs} proofs", flush=True)

    def end(self):
        self.server.drain()
        self.sample()
        self.server.result(self.server.ask("shutdown", None, keep=True))
        self.server.notify("exit", None)
        try:
            code = self.server.process.wait(PATIENCE)
        except subprocess.TimeoutExpired as error:
            raise Violation("the server does not end") from error
        if code != 0:
            raise Violation(f"the exit code is {code}")
        self.server.log.seek(0)
        log = self.server.log.read().decode(errors="replace")
        if "panicked" in log:
            raise Violation(f"a panic in the log: {log[max(log.index('panicked') - 300, 0):][:1000]}")
        if self.server.violations:
            raise Violation(self.server.violations[0])
        self.judge_memory()

    def quarter(self, number):
        low, high = self.messages * number / 4, self.messages * (number + 1) / 4
        return max((size for sent, size in self.memory if low <= sent <= high), default=0.0)

    def judge_memory(self):
        third, last = self.quarter(2), self.quarter(3)
        if self.messages >= 50_000 and last > third * (1 + GROWTH[0]) + GROWTH[1]:
            raise Violation(f"the memory grows: {third:.1f} MB in the third quarter, {last:.1f} MB in the last")

    def report(self):
        seconds = time.monotonic() - self.started
        print(f"{self.server.sent} messages in {seconds:.1f} s ({self.server.sent / seconds:.0f}/s), {self.unit}, {'pull' if self.pull else 'push'}, "
              f"{self.proofs} texts proved")
        print("memory, MB at most, by quarters: " + ", ".join(f"{self.quarter(number):.1f}" for number in range(4)))
        slow = sorted(self.server.slowest.items(), key=lambda entry: -entry[1])[:3]
        print("slowest answers: " + ", ".join(f"{method} {1000 * seconds:.0f} ms" for method, seconds in slow))
        print(f"answers: {sum(self.server.counts.values())} to {len(self.server.counts)} methods")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program")
    parser.add_argument("--messages", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--self-test", action="store_true")
    arguments = parser.parse_args()
    session = Session(arguments.program, arguments.messages, arguments.seed, arguments.verbose, arguments.self_test)
    try:
        session.run()
        session.report()
        code = int(arguments.self_test)
    except Violation as violation:
        if arguments.self_test and "of its text" in str(violation):
            print(f"self-test: noticed behind {session.server.sent} messages")
            return 0
        session.report()
        session.server.log.flush()
        log = (session.folder / "stderr.log").read_text(errors="replace")
        print("".join(line + "\n" for line in log.splitlines() if "WARN" not in line)[-3000:], file=sys.stderr)
        print(f"VIOLATION (seed {arguments.seed}, behind {session.server.sent} messages): {violation}", file=sys.stderr)
        code = 1
    finally:
        session.server.process.kill()
        shutil.rmtree(session.folder, ignore_errors=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
