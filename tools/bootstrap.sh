#!/bin/sh
# Makes the virtual environment in $1 from requirements.lock, and says in one list what it needs and can't install.
set -eu
venv=${1:?usage: bootstrap.sh VENV}

suitable() { "$1" -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' 2>/dev/null; }

has_venv() { "$1" -c 'import ensurepip, venv' 2>/dev/null; }

# One that lacks nothing is best. The system's own comes first: distributions build theirs with all optimizations,
# version managers by default do not.
find_python() {
    for lacks_nothing in has_venv true; do
        for name in /usr/bin/python3 python3 python3.14 python3.13 python3.12 python3.11; do
            if command -v "$name" >/dev/null && suitable "$name" && "$lacks_nothing" "$name"; then
                echo "$name"
                return
            fi
        done
    done
}

can_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

install_debian() {
    echo "installing Debian packages: $*"
    apt-get update -qq
    # At runlevel 1 no service that comes with a package is started.
    RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

python=$(find_python)
if [ -z "$python" ] && can_install; then
    install_debian python3 python3-venv
    python=$(find_python)
fi
if [ -n "$python" ] && ! has_venv "$python" && can_install; then
    install_debian python3-venv
fi

missing=
[ -n "$python" ] || missing="$missing\n  - Python 3.11 or newer"
[ -z "$python" ] || has_venv "$python" || missing="$missing\n  - the venv module of Python (Debian: python3-venv)"
if [ -n "$missing" ]; then
    printf 'tenantmesh needs these; install them and run the command again:%b\n' "$missing" >&2
    exit 1
fi

# What the mesh lab and its tests use; these tests are skipped, with the reason, where a program is absent.
lab="iproute2 ipset iptables procps redis-server prometheus util-linux"
lacking=
if command -v dpkg >/dev/null; then
    for package in $lab; do
        dpkg -s "$package" >/dev/null 2>&1 || lacking="$lacking $package"
    done
fi
if [ -n "$lacking" ] && can_install; then
    # shellcheck disable=SC2086  # a list of names
    install_debian $lacking || echo "not installed, so some tests will be skipped:$lacking"
fi

[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
