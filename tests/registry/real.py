"""What dockline makes of Debian's docker-registry, run here on loopback. Usage: real.py DOCKLINE"""
import base64
import hashlib
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))
from lsp import Server

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
USER, PASSWORD = "gopher", "secret"
# What bcrypt makes of the password.
HTPASSWD = f"{USER}:$2b$04$LyZGjK7CWRlEMN4qGjfAYOpyVlRzMPlcNx8.iDcWzllFAhB0S8IOq\n"
BASIC = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
TAGS = ["1.0.0", "1.1.0", "1.2.0-rc1", "2.0.0", "latest"]


def check(condition, what):
    if not condition:
        sys.exit(f"registry: {what}")


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class Registry:
    """A docker-registry with its files in `folder`, and `auth` in its configuration; over HTTPS with `authority`, a folder with
    certificates."""

    def __init__(self, folder, auth="", authority=None):
        self.host = f"127.0.0.1:{free_port()}"
        self.scheme, self.context, tls = "http", None, ""
        if authority:
            self.scheme, self.context = "https", ssl.create_default_context(cafile=authority / "ca.pem")
            tls = f", tls: {{certificate: {authority}/cert.pem, key: {authority}/key.pem}}"
        self.headers = {}
        folder.mkdir(parents=True, exist_ok=True)
        config = folder / "config.yml"
        config.write_text(f"""version: 0.1
log: {{level: error}}
storage: {{filesystem: {{rootdirectory: {folder}/data}}}}
http: {{addr: "{self.host}"{tls}}}
{auth}""")
        with (folder / "log").open("wb") as log:
            self.process = subprocess.Popen(["docker-registry", "serve", str(config)], stdout=log, stderr=log)
        for _ in range(100):
            try:
                urllib.request.urlopen(f"{self.scheme}://{self.host}/v2/", timeout=5, context=self.context)
                return
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.1)
        sys.exit(f"registry: it does not start: {(folder / 'log').read_text()}")

    def send(self, method, path, body=b"", kind="application/octet-stream"):
        url = path if path.startswith("http") else f"{self.scheme}://{self.host}{path}"
        request = urllib.request.Request(url, data=body, method=method, headers={"Content-Type": kind, **self.headers})
        return urllib.request.urlopen(request, timeout=10, context=self.context)

    def blob(self, name, body):
        digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
        place = self.send("POST", f"/v2/{name}/blobs/uploads/").headers["Location"]
        self.send("PUT", f"{place}{'&' if '?' in place else '?'}digest={digest}", body)
        return {"digest": digest, "size": len(body)}

    def push(self, name, tags, platforms):
        """An index of images without layers; its digest."""
        entries = []
        for platform in platforms:
            os_name, architecture = platform.split("/")
            config = {"os": os_name, "architecture": architecture, "created": "2026-11-20T10:11:12Z", "config": {},
                      "rootfs": {"type": "layers", "diff_ids": []}}
            config = self.blob(name, json.dumps(config).encode())
            body = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "layers": [],
                               "config": {"mediaType": "application/vnd.oci.image.config.v1+json", **config}}).encode()
            digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
            self.send("PUT", f"/v2/{name}/manifests/{digest}", body, MANIFEST)
            entries.append({"mediaType": MANIFEST, "digest": digest, "size": len(body),
                            "platform": {"os": os_name, "architecture": architecture}})
            single = body
        index = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}).encode()
        for tag in tags:
            self.send("PUT", f"/v2/{name}/manifests/{tag}", index, INDEX)
        self.send("PUT", f"/v2/{name}/manifests/single", single, MANIFEST)
        return f"sha256:{hashlib.sha256(index).hexdigest()}"

    def kill(self):
        self.process.send_signal(signal.SIGCONT)
        self.process.kill()
        self.process.wait()


def certificates(folder):
    """An authority in `folder`, and what it certifies for 127.0.0.1."""
    folder.mkdir()
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n")
    openssl = lambda *words: subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=ca")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "request", "-subj", "/CN=registry")
    openssl("x509", "-req", "-in", "request", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", "cert.pem",
            "-days", "2", "-extfile", "names")
    return folder


def token_server(folder):
    """A server of tokens for who has the password, and the configuration of a registry that trusts it."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder / "key.pem", "-out",
                    folder / "cert.pem", "-days", "2", "-subj", "/CN=tokens"], check=True, capture_output=True)
    der = subprocess.run(["openssl", "x509", "-in", folder / "cert.pem", "-outform", "DER"], check=True, capture_output=True).stdout
    plain = lambda data: base64.urlsafe_b64encode(data).rstrip(b"=").decode()
    head = {"typ": "JWT", "alg": "RS256", "x5c": [base64.b64encode(der).decode()]}
    asked = []

    class Tokens(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.path, self.headers.get("Authorization")))
            if self.headers.get("Authorization") != BASIC:
                self.send_error(401)
                return
            now = int(time.time())
            access = [{"type": "repository", "name": "team/app", "actions": ["pull", "push"]}]
            claims = {"iss": "tokens", "aud": "registry", "sub": USER, "iat": now, "nbf": now - 5, "exp": now + 300,
                      "jti": str(len(asked)), "access": access}
            signed = ".".join(plain(json.dumps(part).encode()) for part in (head, claims))
            signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", folder / "key.pem"], input=signed.encode(),
                                       check=True, capture_output=True).stdout
            body = json.dumps({"token": f"{signed}.{plain(signature)}"}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Tokens)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    host = f"127.0.0.1:{server.server_port}"
    auth = (f"auth: {{token: {{realm: 'http://{host}/token', service: registry, issuer: tokens, "
            f"rootcertbundle: {folder}/cert.pem}}}}\n")
    return host, auth, asked


class Editor:
    """dockline with one open Dockerfile."""

    def __init__(self, program, folder, hosts, text):
        self.path, self.version = folder / "Dockerfile", 1
        self.path.write_text(text)
        settings = {"registry": {"enabled": True, "insecure": hosts, "timeout": 2}}
        self.server = Server(program, folder)
        self.server.notify("workspace/didChangeConfiguration", {"settings": {"dockline": settings}})
        self.server.notify("textDocument/didOpen", {"textDocument": {
            "uri": self.path.as_uri(), "languageId": "dockerfile", "version": 1, "text": text}})

    def change(self, text):
        self.version += 1
        self.server.notify("textDocument/didChange", {
            "textDocument": {"uri": self.path.as_uri(), "version": self.version}, "contentChanges": [{"text": text}]})

    def at(self, method, column, line=0):
        return self.server.request(f"textDocument/{method}", {
            "textDocument": {"uri": self.path.as_uri()}, "position": {"line": line, "character": column}})

    def hover(self, column, line=0):
        return ((self.at("hover", column, line) or {}).get("contents") or {}).get("value", "")

    def wait(self, what, wanted, seconds=15):
        deadline = time.time() + seconds
        while not wanted():
            check(time.time() < deadline, f"{what} does not come")
            time.sleep(0.1)


def anonymous(program, folder, registry, digest):
    name = f"{registry.host}/team/app"
    text = f"FROM --platform=linux/s390x {name}:1.0.0\nCOPY --from={name}:single / /\n"
    editor = Editor(program, folder, [registry.host], text)
    editor.wait("the digest", lambda: digest in editor.hover(40))
    check("linux/amd64, linux/arm64" in editor.hover(40), "no platforms")
    check("`1.1.0`, `2.0.0`" in editor.hover(40), f"no newer tags: {editor.hover(40)}")
    check("2026-11-20" in editor.hover(25, 1) and "linux/arm64" in editor.hover(25, 1), "the single image is not known")
    titles = [action["title"] for action in editor.server.actions("Dockerfile")]
    for title in (f"pin {name}:1.0.0 to its digest", f"update {name} to 1.1.0",
                  f"update {name} to 2.0.0 (another major version)"):
        check(title in titles, f"{title!r} is not among {titles}")
    editor.change(f"FROM {name}:\n")
    labels = [item["label"] for item in editor.at("completion", len(f"FROM {name}:"))["items"]]
    check(labels[:3] == ["2.0.0", "1.1.0", "1.0.0"] and set(labels) == {*TAGS, "single"}, labels)
    editor.change(f"FROM {name}:1.0.0@\n")
    labels = [item["label"] for item in editor.at("completion", len(f"FROM {name}:1.0.0@"))["items"]]
    check(labels == [digest], labels)
    check_command(program, folder, registry.host, f"{name}:1.0.0")
    return editor


def check_command(program, folder, host, image):
    work = folder / "check"
    work.mkdir()
    (work / "Dockerfile").write_text(f"FROM --platform=linux/s390x {image}\nCMD [\"/app\"]\n")
    (folder / "own.toml").write_text(f'[registry]\ninsecure = ["{host}"]\ntimeout = 2\n')
    command = [program, "check", "--config", folder / "own.toml", "--rules", "base-image-platform", work]
    run = lambda *more: subprocess.run([*command, *more], capture_output=True, text=True)
    quiet, told = run(), run("--registry")
    check(quiet.returncode == 0, quiet)
    check(told.returncode == 1 and "linux/amd64, linux/arm64" in told.stdout, told)


def slow_and_dead(editor, registry):
    """Stopped, then killed: every answer comes at once meanwhile."""
    name = f"{registry.host}/team/app"
    os.kill(registry.process.pid, signal.SIGSTOP)
    for tag in range(5):
        editor.change(f"FROM {name}:2.{tag}\nRUN true\n")
        time.sleep(0.6)
        begin = time.time()
        editor.hover(1)
        editor.at("completion", len(f"FROM {name}:2."))
        check(time.time() - begin < 1, f"an answer took {time.time() - begin:.1f} s beside a stopped registry")
    registry.kill()
    editor.change(f"FROM {name}:1.0.0\n")
    begin = time.time()
    editor.hover(1)
    check(time.time() - begin < 1, "an answer waits for a dead registry")
    editor.server.close()


def with_credentials(program, folder, hosts, registry, digest):
    """With what `docker login` wrote down, and without."""
    name = f"{registry.host}/team/app"
    os.environ["DOCKER_CONFIG"] = str(folder)
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps({"auths": {"elsewhere.example": {"auth": BASIC[6:]}}}))
    text = f"FROM {name}:1.0.0\n"
    editor = Editor(program, folder, hosts, text)
    time.sleep(2)
    check(digest not in editor.hover(15), "an image is known without credentials")
    editor.server.close()
    (folder / "config.json").write_text(json.dumps({"auths": {registry.host: {"auth": BASIC[6:]}}, "credsStore": "none"}))
    editor = Editor(program, folder, hosts, text)
    editor.wait("the digest with credentials", lambda: digest in editor.hover(15))
    editor.wait("the newer tag with credentials", lambda: "`1.1.0`" in editor.hover(15))
    editor.server.close()


def secure(program, folder, registry, authority):
    """Over HTTPS: with the authority that the system trusts, and with one that it does not know."""
    folder.mkdir()
    (folder / "Dockerfile").write_text(f"FROM --platform=linux/s390x {registry.host}/team/app:1.0.0\nCMD [\"/app\"]\n")
    command = [program, "check", "--registry", "--rules", "base-image-platform", folder]
    run = lambda **more: subprocess.run(command, capture_output=True, text=True, env={**os.environ, **more})
    trusted, unknown = run(SSL_CERT_FILE=str(authority / "ca.pem")), run()
    check(trusted.returncode == 1 and "linux/amd64, linux/arm64" in trusted.stdout, trusted)
    check(unknown.returncode == 0 and registry.host in unknown.stderr and "certificate" in unknown.stderr, unknown)


def main(program):
    started = time.time()
    folder = Path(tempfile.mkdtemp(prefix="dockline-registry-"))
    running = []
    try:
        plain = Registry(folder / "plain")
        running.append(plain)
        digest = plain.push("team/app", TAGS, ["linux/amd64", "linux/arm64"])
        os.environ["DOCKER_CONFIG"] = str(folder / "none")
        (folder / "project").mkdir()
        editor = anonymous(program, folder / "project", plain, digest)
        print(f"without credentials: {time.time() - started:.1f} s")
        slow_and_dead(editor, plain)
        print(f"stopped and killed: {time.time() - started:.1f} s")
        authority = certificates(folder / "authority")
        https = Registry(folder / "https", authority=authority)
        running.append(https)
        https.push("team/app", TAGS, ["linux/amd64", "linux/arm64"])
        secure(program, folder / "secure", https, authority)
        print(f"HTTPS: {time.time() - started:.1f} s")
        (folder / "htpasswd").write_text(HTPASSWD)
        basic = Registry(folder / "basic", f"auth: {{htpasswd: {{realm: r, path: {folder}/htpasswd}}}}\n")
        running.append(basic)
        basic.headers = {"Authorization": BASIC}
        digest = basic.push("team/app", TAGS, ["linux/amd64", "linux/arm64"])
        with_credentials(program, folder / "one", [basic.host], basic, digest)
        print(f"Basic: {time.time() - started:.1f} s")
        host, auth, asked = token_server(folder)
        tokens = Registry(folder / "tokens", auth)
        running.append(tokens)
        request = urllib.request.Request(f"http://{host}/token", headers={"Authorization": BASIC})
        tokens.headers = {"Authorization": "Bearer " + json.load(urllib.request.urlopen(request))["token"]}
        digest = tokens.push("team/app", TAGS, ["linux/amd64", "linux/arm64"])
        with_credentials(program, folder / "two", [tokens.host, host], tokens, digest)
        check(any(sent == BASIC and "repository%3Ateam%2Fapp%3Apull" in path for path, sent in asked), asked)
        print(f"tokens: {time.time() - started:.1f} s")
    finally:
        for registry in running:
            registry.kill()
        shutil.rmtree(folder, ignore_errors=True)


main(sys.argv[1])
