#!/usr/bin/env python3
"""Serves a folder on loopback, and the npm packages in it as a registry does.

    serve.py FOLDER PORT_FILE      /NAME is an npm package of FOLDER/*.tgz; anything else is a file of FOLDER
"""

import base64
import hashlib
import http.server
import json
import os
import sys
import tarfile
import urllib.parse
from pathlib import Path


def packages(folder, address):
    """What a registry says of each package, by its name."""
    found = {}
    for path in sorted(folder.glob("*.tgz")):
        with tarfile.open(path) as archive:
            about = json.load(archive.extractfile("package/package.json"))
        digest = base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()
        about["dist"] = {"tarball": f"{address}/{path.name}", "integrity": f"sha512-{digest}"}
        name, version = about["name"], about["version"]
        found[name] = {"name": name, "dist-tags": {"latest": version}, "versions": {version: about}}
    return found


class Handler(http.server.SimpleHTTPRequestHandler):
    """Packages by name, else files."""

    registry = {}

    def do_GET(self):
        name = urllib.parse.unquote(self.path).strip("/")
        if name not in self.registry:
            super().do_GET()
            return
        body = json.dumps(self.registry[name]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def main():
    folder, port_file = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    os.chdir(folder)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Handler.registry = packages(folder, f"http://127.0.0.1:{server.server_port}")
    part = port_file.with_suffix(".part")
    part.write_text(str(server.server_port))
    part.rename(port_file)
    server.serve_forever()


if __name__ == "__main__":
    main()
