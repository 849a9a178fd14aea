#!/bin/sh
# Puts the generators of API clients into an environment of their own, .venv-clients, with what their clients need. Does
# nothing where it is there already.
set -eu
cd "$(dirname "$0")/../../.."
lock=tests/api/clients/requirements.lock
home=.venv-clients
if [ -f "$home/.installed" ] && cmp -s "$lock" "$home/.installed"; then exit 0; fi
"${PYTHON:-python3}" -m venv --clear "$home"
"$home/bin/python" -m pip install -qq --disable-pip-version-check --no-input --require-hashes --requirement "$lock"
cp "$lock" "$home/.installed"
