#!/bin/sh
# Puts the learning record store Ralph into an environment of its own, .venv-ralph: it is a program that the tests talk
# to, and no part of ours. Does nothing where it is there already.
set -eu
cd "$(dirname "$0")/../../.."
lock=tests/xapi/ralph/requirements.lock
home=.venv-ralph
if [ -f "$home/.installed" ] && cmp -s "$lock" "$home/.installed"; then exit 0; fi
"${PYTHON:-python3}" -m venv --clear "$home"
"$home/bin/python" -m pip install -qq --disable-pip-version-check --no-input --require-hashes --requirement "$lock"
cp "$lock" "$home/.installed"
