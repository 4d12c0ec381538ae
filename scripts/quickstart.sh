#!/bin/bash
# The main job on this machine, from nothing: bootstraps a real Debian 13, composes examples/debian-13.yaml on it,
# layers two packages, looks at the result, runs it, and goes back. Safe to run again: then it takes seconds.
#
# Works on the sysroot $APT_LAYER_SYSROOT, else on apt-layer's own default.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [[ $(id -u) != 0 ]]; then
  echo "quickstart: run it as root: it installs packages and mounts images" >&2
  exit 1
fi

bash scripts/setup.sh run

export PATH="$PWD/bin:$PATH"
options=()
if [[ -n ${APT_LAYER_SYSROOT:-} ]]; then options=(--sysroot "$APT_LAYER_SYSROOT"); fi

# Shows a command as a user would type it, then runs it.
try() {
  printf '\n# apt-layer %s\n' "$*"
  apt-layer "${options[@]}" "$@"
}

try compose tree examples/debian-13.yaml
try layer vim git
try status
try diff
try run -- vim --version
try rollback
try status

printf '\nDone. "apt-layer rollback" brings vim and git back; docs/guide.md goes on from here.\n'
