"""A local module proxy: every folder of `modules/` is `example.org/<folder>` v1.0.0. Counts what is downloaded."""
import http.server
import io
import threading
import time
import zipfile
from pathlib import Path

VERSION = "v1.0.0"
INFO = '{"Version":"%s","Time":"2024-01-01T00:00:00Z"}' % VERSION


class Proxy:
    """Serves `folder` on 127.0.0.1; `delay` is what each zip takes, in seconds."""

    def __init__(self, folder, port=8077, delay=1.0):
        self.folder, self.delay, self.downloads = Path(folder), delay, 0
        self.lock = threading.Lock()
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = proxy.answer(self.path)
                self.send_response(200 if body is not None else 404)
                self.end_headers()
                self.wfile.write(body or b"not found")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, path):
        """The bytes for `/example.org/greet/@v/v1.0.0.zip`, or None."""
        module, _, name = path.strip("/").partition("/@v/")
        folder = self.folder / module.removeprefix("example.org/")
        if not module.startswith("example.org/") or not (folder / "go.mod").is_file():
            return None
        if name == "list":
            return f"{VERSION}\n".encode()
        if name == f"{VERSION}.info":
            return INFO.encode()
        if name == f"{VERSION}.mod":
            return (folder / "go.mod").read_bytes()
        if name == f"{VERSION}.zip":
            with self.lock:
                self.downloads += 1
            time.sleep(self.delay)
            return archive(module, folder)
        return None

    def close(self):
        self.server.shutdown()


def archive(module, folder):
    """The module's zip."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as out:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            out.write(path, f"{module}@{VERSION}/{path.relative_to(folder)}")
    return data.getvalue()
