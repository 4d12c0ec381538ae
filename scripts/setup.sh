#!/bin/bash
# Sets up a fresh Debian machine (12 or 13, as root) for working on apt-layer, and builds it.
#
#   scripts/setup.sh [run|test|bench|corpus]      default: run
#
# Installs only what is missing, so a second run does next to nothing. `test` is `run` and what the test suite
# needs; `bench` is `test` and the peers that are measured against; `corpus` is `test` and the tools that make packages of the corpus.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly NODE_MINIMUM=20.19
readonly LISTS_FRESH_MINUTES=1440

RUN_PACKAGES=(
  bubblewrap gpgv ca-certificates mount util-linux debian-archive-keyring passt iproute2
)
TEST_PACKAGES=(
  dpkg-dev gcc libc6-dev apt-utils mmdebstrap zstd xz-utils gnupg fsverity attr acl tar e2fsprogs xfsprogs btrfs-progs
  qemu-system-x86 qemu-utils ovmf seabios fdisk dosfstools mtools openssl grub-common grub-pc-bin grub-efi-amd64-bin systemd-boot-efi lintian man-db umoci debsecan skopeo buildah docker-registry podman crun uidmap seccomp
)
BENCH_PACKAGES=(
  ostree
)
CORPUS_PACKAGES=(
  build-essential fakeroot debhelper dh-exec dh-apparmor dh-runit dh-sysuser config-package-dev cdbs equivs checkinstall cmake alien rpm
  dpkg-repack devscripts epm ant libjdeb-java python3-stdeb python3-setuptools python3-all dh-python dh-make debmake debsigs libarchive-tools
  llvm busybox cpio git bzip2 strip-nondeterminism
)

die() {
  printf 'setup: %s\n' "$1" >&2
  printf 'hint: %s\n' "$2" >&2
  exit 1
}

# Runs a command and shows what it said only when it fails.
quietly() {
  local log
  log=$(mktemp)
  if ! "$@" >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
}

apt_get() {
  DEBIAN_FRONTEND=noninteractive quietly apt-get -q -y -o DPkg::Lock::Timeout=120 "$@"
}

lists_are_fresh() {
  [[ -n $(find /var/lib/apt/lists -maxdepth 1 -name '*Packages*' -mmin "-$LISTS_FRESH_MINUTES" -print -quit 2>/dev/null) ]]
}

# Prints those of the named packages that are not installed.
missing_packages() {
  local installed
  # dpkg-query fails when it does not know one of them, which is what we ask.
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true)
  comm -23 <(printf '%s\n' "$@" | sort -u) <(sed -n 's/^installed //p' <<<"$installed" | sort -u)
}

install_packages() {
  local missing
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]} > 0)) || return 0
  [[ $EUID -eq 0 ]] || die "these Debian packages are missing: ${missing[*]}" 'run it as root'
  echo "setup: installing ${missing[*]}"
  local fresh=no
  lists_are_fresh && fresh=yes
  [[ $fresh == yes ]] || apt_get update || die 'apt-get update failed' 'check /etc/apt/sources.list and the network'
  apt_get install --no-install-recommends -- "${missing[@]}" && return
  # Lists of today can still name versions that the mirror has replaced since.
  if [[ $fresh == yes ]] && apt_get update && apt_get install --no-install-recommends -- "${missing[@]}"; then
    return
  fi
  die "cannot install ${missing[*]}" 'see what apt-get said above'
}

node_is_recent() {
  command -v node >/dev/null &&
    [[ $(printf '%s\n' "$NODE_MINIMUM" "$(node --version | tr -d v)" | sort -V | head -n 1) == "$NODE_MINIMUM" ]]
}

ensure_node() {
  if ! command -v node >/dev/null && ! lists_are_fresh && [[ $EUID -eq 0 ]]; then
    apt_get update || die 'apt-get update failed' 'check /etc/apt/sources.list and the network'
  fi
  if ! command -v node >/dev/null && debian_node_is_recent; then
    install_packages nodejs npm
  fi
  node_is_recent || die \
    "Node.js $NODE_MINIMUM or later is needed, found $(node --version 2>/dev/null || echo none)" \
    'Debian 13 has it (apt-get install nodejs npm); on Debian 12 take a build from nodejs.org'
  command -v npm >/dev/null || install_packages npm
}

debian_node_is_recent() {
  local candidate
  candidate=$(LC_ALL=C apt-cache policy nodejs | sed -n 's/^ *Candidate: //p')
  [[ -n $candidate && $candidate != '(none)' ]] && dpkg --compare-versions "$candidate" ge "$NODE_MINIMUM"
}

# Tools of npm that make packages are kept apart: nothing of the project may come to use them.
install_corpus_tools() {
  local directory=.cache/corpus-tools
  mkdir -p "$directory"
  cmp -s tests/corpus/npm/package-lock.json "$directory/installed" && return
  echo 'setup: installing the npm tools of the corpus'
  cp tests/corpus/npm/package.json tests/corpus/npm/package-lock.json "$directory"
  # From inside: given as --prefix, a directory behind a link does not match the names that npm resolves.
  (cd "$directory" && quietly npm ci --omit=optional --no-audit --no-fund) ||
    die 'npm ci failed' 'see what npm said above'
  cp tests/corpus/npm/package-lock.json "$directory/installed"
}

install_modules() {
  # npm writes this file at the end of an install, so one that was cut short is done again.
  local marker=node_modules/.package-lock.json
  [[ -e $marker && ! package-lock.json -nt $marker ]] && return
  echo 'setup: installing npm packages'
  quietly npm ci --no-audit --no-fund || die 'npm ci failed' 'see what npm said above'
  touch "$marker"
}

main() {
  local packages=("${RUN_PACKAGES[@]}")
  case ${1:-run} in
    run) ;;
    test) packages+=("${TEST_PACKAGES[@]}") ;;
    bench) packages+=("${TEST_PACKAGES[@]}" "${BENCH_PACKAGES[@]}") ;;
    corpus) packages+=("${TEST_PACKAGES[@]}" "${CORPUS_PACKAGES[@]}") ;;
    *) die "unknown purpose '$1'" 'scripts/setup.sh [run|test|bench|corpus]' ;;
  esac
  command -v apt-get >/dev/null || die 'this is not a Debian system' 'use a Debian 12 or 13 machine, container or VM'
  install_packages "${packages[@]}"
  ensure_node
  install_modules
  [[ ${1:-run} != corpus ]] || install_corpus_tools
  npm run --silent build || die 'the build failed' 'see what esbuild said above'
}

main "$@"
