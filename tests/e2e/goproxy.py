"""A local module proxy: every folder of `modules/` is `example.org/<folder>` v1.0.0. Counts what is downloaded.

`Proxy.others` holds more modules: paths with their versions and folders.
"""
import base64
import http.server
import io
import ssl
import subprocess
import threading
import time
import zipfile
from pathlib import Path

VERSION = "v1.0.0"
INFO = '{"Version":"%s","Time":"2024-01-01T00:00:00Z"}'


class Proxy:
    """Serves `folder` on 127.0.0.1; `delay` is what each zip takes, in seconds.

    With `password` it wants that of the user `go`, and speaks TLS with the key and the certificate of `certificate`.
    """

    def __init__(self, folder, port=8077, delay=1.0, password=None, certificate=None):
        self.folder, self.delay, self.downloads = Path(folder), delay, 0
        self.others = {}
        self.lock = threading.Lock()
        proxy = self
        wanted = password and "Basic " + base64.b64encode(f"go:{password}".encode()).decode()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                allowed = wanted is None or self.headers.get("Authorization") == wanted
                body = proxy.answer(self.path) if allowed else None
                self.send_response(200 if body is not None else 404 if allowed else 401)
                self.end_headers()
                self.wfile.write(body or b"not found")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, path):
        """The bytes for `/example.org/greet/@v/v1.0.0.zip`, or None."""
        module, _, name = path.strip("/").partition("/@v/")
        own = (VERSION, self.folder / module.removeprefix("example.org/")) if module.startswith("example.org/") else None
        version, folder = self.others.get(module) or own or (None, Path())
        if version is None or not (folder / "go.mod").is_file():
            return None
        if name == "list":
            return f"{version}\n".encode()
        if name == f"{version}.info":
            return (INFO % version).encode()
        if name == f"{version}.mod":
            return (folder / "go.mod").read_bytes()
        if name == f"{version}.zip":
            with self.lock:
                self.downloads += 1
            time.sleep(self.delay)
            return archive(module, version, folder)
        return None

    def close(self):
        self.server.shutdown()


def certificate(folder):
    """Makes a key and a certificate for 127.0.0.1; the file that holds both."""
    key, own = Path(folder) / "key.pem", Path(folder) / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=127.0.0.1",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", own], check=True, capture_output=True)
    both = Path(folder) / "both.pem"
    both.write_text(key.read_text() + own.read_text())
    return both


def archive(module, version, folder):
    """The module's zip."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as out:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            out.write(path, f"{module}@{version}/{path.relative_to(folder)}")
    return data.getvalue()
