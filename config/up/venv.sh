#!/bin/sh
# Make .venv and install one lock into it: `sh config/up/venv.sh base` or `… test`.
# Only what a fresh machine has: a POSIX shell and a Python. Does nothing when the lock is in.
set -eu

lock="requirements/$1.txt"
stamp=".venv/.installed-$1"
fingerprint=$(cksum <"$lock")

installed() {
    [ -x .venv/bin/python ] && [ -f "$1" ] && [ "$(cat "$1")" = "$fingerprint" ]
}

say() { printf '%s\n' "$*" >&2; }

# The first Python that runs and is of a version the lock was made for.
find_python() {
    for candidate in ${PYTHON:+"$PYTHON"} python3.13 python3.12 python3.11 python3 python; do
        if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
            >/dev/null 2>&1; then
            echo "$candidate"
            return 0
        fi
    done
    return 1
}

no_python() {
    say "Firstcall needs Python 3.11, 3.12 or 3.13, and found none of them."
    case "$(uname -s)" in
    Darwin) say "Install it (brew install python@3.13) or name yours: make up PYTHON=/path/to/python3.13" ;;
    *) say "Install it (apt install python3 python3-venv) or name yours: make up PYTHON=/path/to/python3.13" ;;
    esac
    exit 1
}

no_venv() {
    say "This Python ($("$1" --version 2>&1)) cannot make virtual environments."
    if command -v apt-get >/dev/null 2>&1; then
        say "Install the missing part: apt install python3-venv"
    else
        say "Install its venv and ensurepip modules, or name another Python: make up PYTHON=…"
    fi
    exit 1
}

if installed "$stamp"; then exit 0; fi

# A folder that was moved or half made has a .venv whose Python does not run.
if ! .venv/bin/python -c 'import pip' >/dev/null 2>&1; then
    python=$(find_python) || no_python
    "$python" -c 'import venv, ensurepip' >/dev/null 2>&1 || no_venv "$python"
    say "Creating .venv with $("$python" --version 2>&1) …"
    rm -rf .venv
    "$python" -m venv .venv || no_venv "$python"
fi

say "Installing $lock (once; about a minute) …"
# The lock is complete, so nothing is resolved; every file must match its hash; no build steps run.
if ! .venv/bin/python -m pip install --quiet --quiet --disable-pip-version-check --no-input \
    --require-hashes --no-deps --only-binary :all: --no-compile --requirement "$lock"; then
    say "pip could not install $lock; its message is above. Is the package index reachable?"
    say "(pip reads PIP_INDEX_URL and pip.conf as usual.)"
    exit 1
fi
echo "$fingerprint" >"$stamp"
