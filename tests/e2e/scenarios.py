"""What run.py proves. Base images are those that up.sh makes: there is no apk."""
from dataclasses import dataclass, field


@dataclass
class Scenario:
    """One code action on one Dockerfile."""

    name: str
    project: str
    dockerfile: str
    #: The title of the action, or titles, one after the other.
    action: str | list
    output: str
    #: What the container gets.
    arguments: list = field(default_factory=list)
    #: The text with which the Dockerfile as it is fails to build or to run.
    fails: str = ""
    #: How many times smaller the image must become.
    smaller: float = 0
    #: Build again after a change of the source.
    rebuild: bool = False
    #: Modules downloaded by that build, before and after.
    downloads: tuple | None = None
    #: The source file that is changed for that.
    source: str = "main.go"
    #: More files of the project.
    files: dict = field(default_factory=dict)
    #: Secrets that the build gets, by id; their text must be in no image.
    secrets: dict = field(default_factory=dict)
    #: Modules come from the proxy that wants a password.
    private: bool = False
    #: The program in the image built for linux/arm64, whose machine is looked at.
    cross: str = ""
    #: Text of the build's output.
    says: str = ""
    #: The program says something else afterwards, and should.
    changes: bool = False
    #: A shell opens in the stage `debug`.
    shell: bool = False


PASSWORD = "password-of-the-proxy"
LAYER = "download the modules before the source is copied"
STATIC = "gcr.io/distroless/static-debian13:nonroot"
GLIBC = "gcr.io/distroless/base-debian13"

SHOP = """FROM golang:1.27
WORKDIR /app
COPY . .
RUN go build -o main .
ENV PORT=8080
EXPOSE 8080
CMD ["./main", "--name", "a b"]
"""
SHOP_OUTPUT = "hello shop 19.99 EUR 3 true [--name a b]"

NATIVE = """FROM golang:1.27 AS build
ENV CGO_ENABLED=0
WORKDIR /src
COPY . .
RUN go build -o /out/native .

FROM scratch
COPY --from=build /out/native /native
ENTRYPOINT ["/native"]
"""
NATIVE_OUTPUT = "root true localhost 80 true"

BOTH = "mount caches for modules and build results"
NUMBER = """FROM golang:1.27
WORKDIR /src
COPY . .
USER 1000:1000
RUN go build -o /tmp/main .
CMD ["/tmp/main", "--name", "a b"]
"""

SITE = """FROM golang:1.27
WORKDIR /app
COPY . .
RUN go build -o main .
ENV APP_ENV=production DATA=/data
VOLUME /data
CMD ["./main"]
"""
SITE_OUTPUT = "<h1>title: site\n</h1>\nEurope/Berlin production true"

PLAIN = """FROM golang:1.27 AS build
WORKDIR /src
COPY . .
RUN CGO_ENABLED=0 go build -o /out/app .

FROM %s
WORKDIR /data
COPY --from=build /out/app /app
EXPOSE 8080
CMD ["/app"]
"""

LAYERED = """FROM golang:1.27 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -o /out/app .

FROM scratch
COPY --from=build /out/app /app
CMD ["/app", "--name", "a b"]
"""

SCENARIOS = [
    Scenario("download layer", "shop", SHOP, LAYER, SHOP_OUTPUT, rebuild=True, downloads=(3, 0)),
    Scenario("download layer, cache mounts", "shop", SHOP, f"{LAYER}, with cache mounts", SHOP_OUTPUT,
             rebuild=True, downloads=(3, 0)),
    Scenario("enable cgo, other base", "native", NATIVE, f"enable cgo, ship on {GLIBC}", NATIVE_OUTPUT,
             fails="build constraints exclude all Go files"),
    Scenario("enable cgo, static", "native", NATIVE, "enable cgo, link statically", NATIVE_OUTPUT,
             fails="build constraints exclude all Go files"),
    Scenario("enable cgo, compiler", "native", """FROM debian:trixie-slim
COPY --from=golang:1.27 /usr/local/go /usr/local/go
WORKDIR /src
COPY . .
RUN CGO_ENABLED=1 /usr/local/go/bin/go build -o /native .
CMD ["/native"]
""", "install gcc libc6-dev", NATIVE_OUTPUT, fails="C compiler \"gcc\" not found"),
    Scenario("build without cgo", "shop", """FROM golang:1.27 AS build
WORKDIR /src
COPY . .
RUN go build -o /out/shop .

FROM alpine:3.24
COPY --from=build /out/shop /shop
CMD ["/shop", "--name", "a b"]
""", "build without cgo", SHOP_OUTPUT, fails="exec /shop: no such file or directory"),
    Scenario("multi-stage, static", "shop", SHOP, f"convert to multi-stage on {STATIC}", SHOP_OUTPUT, smaller=50, rebuild=True),
    Scenario("multi-stage, production", "shop", SHOP, f"convert to multi-stage on {STATIC}, production form", SHOP_OUTPUT,
             smaller=80, rebuild=True, downloads=(3, 0)),
    Scenario("multi-stage, glibc", "native", """FROM golang:1.27
WORKDIR /src
COPY . .
RUN go build .
CMD ["./native"]
""", f"convert to multi-stage on {GLIBC}:nonroot", NATIVE_OUTPUT, smaller=30),
    Scenario("multi-stage, files and volume", "site", SITE, f"convert to multi-stage on {STATIC}", SITE_OUTPUT, smaller=50),
    Scenario("multi-stage, go run", "shop", """FROM golang:1.27
WORKDIR /app
COPY . .
CMD go run . --name ab
""", f"convert to multi-stage on {STATIC}", "hello shop 19.99 EUR 3 true [--name ab]",
             fails="dial tcp", smaller=50),
    Scenario("multi-stage, shell", "shop", """FROM golang:1.27-alpine
WORKDIR /app
COPY . .
RUN go build -o main .
ENV PORT=8080
CMD ./main $PORT
""", "convert to multi-stage on alpine:3.24", "3 true [8080]", smaller=20),
    Scenario("workspace: download layer", "workspace", """FROM golang:1.27
WORKDIR /src
COPY . .
RUN go build -o /app ./app
CMD ["/app"]
""", LAYER, "hello workspace true", rebuild=True, downloads=(1, 0), source="app/main.go"),
    Scenario("replace: download layer", "replace", """FROM golang:1.27
WORKDIR /src
COPY . .
RUN go build -o /app .
CMD ["/app"]
""", LAYER, "hello replaced true", rebuild=True, downloads=(1, 0)),
    Scenario("nested module: download layer", "nested", """FROM golang:1.27
WORKDIR /src
COPY . .
RUN cd api && go build -o /app .
CMD ["/app"]
""", LAYER, "hello nested true", rebuild=True, downloads=(1, 0), source="api/main.go"),
    Scenario("several mains: multi-stage", "mains", """FROM golang:1.27
WORKDIR /src
COPY . .
RUN go build -o /bin/ ./cmd/...
CMD ["/bin/b"]
""", f"convert to multi-stage on {STATIC}", "hello b true", smaller=50, source="cmd/b/main.go"),
    Scenario("vendored: multi-stage", "vendored", """FROM golang:1.27
WORKDIR /src
COPY . .
RUN go build -o /app .
CMD ["/app"]
""", f"convert to multi-stage on {STATIC}, production form", "hello vendored true", smaller=50, rebuild=True,
             downloads=(0, 0)),
    Scenario("embedded: multi-stage", "embed", """FROM golang:1.27
WORKDIR /src
COPY . .
RUN go build -o app .
CMD ["./app"]
""", f"convert to multi-stage on {STATIC}, production form", "<h1>embedded</h1>", smaller=50),
    Scenario("private: download layer", "private", """FROM golang:1.27.3 AS build
WORKDIR /src
COPY . .
RUN CGO_ENABLED=0 go build -o /out/private .

FROM gcr.io/distroless/static-debian13:nonroot
COPY --from=build /out/private /private
ENTRYPOINT ["/private"]
""", f"{LAYER}, with a secret for the private ones", "hello private true", fails="401 Unauthorized", private=True,
             files={"dockline.toml": '[actions]\nprivate-modules = ["example.org/*"]\n'},
             secrets={"netrc": f"machine 127.0.0.1:8443 login go password {PASSWORD}"}),
    Scenario("multi-stage, script", "site", """FROM golang:1.27
WORKDIR /app
COPY . .
RUN go build -o /app/main .
ENTRYPOINT ["./entrypoint.sh"]
""", "convert to multi-stage on debian:trixie-slim", "from the script\n<h1>", smaller=4),
    Scenario("cache mounts, root", "shop", SHOP, BOTH, SHOP_OUTPUT, rebuild=True, downloads=(3, 0)),
    Scenario("cache mounts, user", "shop", """FROM golang:1.27
RUN useradd --create-home --uid 10001 app
USER app
WORKDIR /home/app/src
COPY --chown=app:app . .
RUN go build -o ../main .
CMD ["/home/app/main", "--name", "a b"]
""", BOTH, SHOP_OUTPUT, rebuild=True, downloads=(3, 0)),
    Scenario("cache mounts, user by number", "shop", NUMBER, BOTH, SHOP_OUTPUT, fails="mkdir /.cache: permission denied",
             rebuild=True),
    Scenario("folder for the build cache", "shop", NUMBER, "set GOCACHE=/tmp/go-build", SHOP_OUTPUT,
             fails="failed to initialize build cache at /.cache/go-build: mkdir /.cache: permission denied"),
    Scenario("user without a home", "shop", NUMBER.replace("USER 1000:1000", "RUN useradd --uid 10001 app\nUSER app"),
             "set GOCACHE=/tmp/go-build", SHOP_OUTPUT, fails="mkdir /home/app: permission denied"),
    Scenario("download and build share a cache", "shop", """FROM golang:1.27
WORKDIR /app
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
RUN go build -o main .
CMD ["./main", "--name", "a b"]
""", "mount the same cache here", SHOP_OUTPUT, rebuild=True, downloads=(3, 0)),
    Scenario("layer hidden by a cache", "shop", """FROM golang:1.27
WORKDIR /app
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN --mount=type=cache,id=hidden,target=/go/pkg/mod go build -o main .
CMD ["./main", "--name", "a b"]
""", "mount the same cache here", SHOP_OUTPUT),
    Scenario("cross-compile", "shop", LAYERED, "cross-compile for the platform of the image", SHOP_OUTPUT, cross="/app"),
    Scenario("verbose download", "shop", LAYERED, "print each download (-x)", SHOP_OUTPUT, says="# get http"),
    Scenario("debug stage", "shop", LAYERED.replace("FROM scratch", "FROM debian:trixie-slim"),
             "add a stage `debug` with a shell, on debian:trixie-slim", SHOP_OUTPUT, shell=True),
    Scenario("non-root, scratch", "plain", PLAIN % "scratch", "run as user 65532:65532", "plain, user 65532 true",
             changes=True),
    Scenario("non-root, Debian", "plain", PLAIN % "debian:trixie-slim", "run as user 10001", "plain, user 10001 true",
             changes=True),
    Scenario("non-root, distroless", "plain", PLAIN % "gcr.io/distroless/static-debian13", "run as user 65532:65532",
             "plain, user 65532 true", changes=True),
    Scenario("older Go", "shop", LAYERED.replace("golang:1.27", "golang:1.26"), "use golang:1.27", SHOP_OUTPUT,
             fails="go.mod requires go >= 1.27"),
    Scenario("older Go by ARG", "shop", "ARG GO=1.26\n" + LAYERED.replace("golang:1.27", "golang:${GO}"), "use golang:1.27",
             SHOP_OUTPUT, fails="go.mod requires go >= 1.27"),
    Scenario("build as root", "shop", NUMBER, "run the build as root, and switch to the user behind it", SHOP_OUTPUT,
             fails="mkdir /.cache: permission denied"),
    Scenario("cache mounts, make", "shop", SHOP.replace("go build -o main .", "make build"), BOTH, SHOP_OUTPUT, rebuild=True,
             downloads=(3, 0), files={"Makefile": "build:\n\tgo build -o main .\n"}),
    Scenario("generate", "shop", "", "generate a Dockerfile for example.com/shop", "hello shop 19.99 EUR 3 true []",
             fails="empty"),
    Scenario("private: .netrc", "private", LAYERED.replace("golang:1.27", "golang:1.27.3"),
             "download private modules with a .netrc as a secret", "hello private true", fails="401 Unauthorized",
             private=True, files={"dockline.toml": '[actions]\nprivate-modules = ["example.org/*"]\n'},
             secrets={"netrc": f"machine 127.0.0.1:8443 login go password {PASSWORD}"}),
    Scenario("SQLite: enable cgo", "sqlite", """FROM golang:1.27 AS build
RUN apt-get update && apt-get install -y --no-install-recommends libsqlite3-dev
WORKDIR /src
COPY . .
RUN CGO_ENABLED=0 go build -o /out/app .

FROM debian:trixie-slim
RUN apt-get update && apt-get install -y --no-install-recommends libsqlite3-0
COPY --from=build /out/app /app
CMD ["/app"]
""", "enable cgo", "sqlite says 42 true", fails="go-sqlite3 requires cgo to work"),
]
