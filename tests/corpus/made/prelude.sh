# What recipes of packages are run with, in an empty directory: NAME, VERSION (1.0, then 2.0) and OUT, the .deb to make, are set.
set -euo pipefail
umask 022
readonly LOG=$PWD/log
export LC_ALL=C.UTF-8 DEBEMAIL=vendor@example.org DEBFULLNAME='A Vendor' HOME=$PWD
mkdir -p root/DEBIAN

# file PATH [MODE]: a file of the package, from standard input.
file() { install -D -m "${2:-0644}" /dev/stdin "root$1"; }

# text PATH: a file that says which version it is of.
text() { for path; do echo "$NAME $VERSION" | file "$path"; done; }

# script NAME: a maintainer script in sh, from standard input.
script() { { echo '#!/bin/sh'; cat; } | install -m 0755 /dev/stdin "root/DEBIAN/$1"; }

# fields [FIELD...]: the control file, with further lines of it; all packages are for all architectures.
fields() {
  printf '%s\n' "Package: $NAME" "Version: $VERSION" 'Architecture: all' 'Maintainer: A Vendor <vendor@example.org>' \
    "$@" 'Description: an example' >root/DEBIAN/control
}

# conffiles PATH...: what dpkg keeps of the package as the machine's own.
conffiles() {
  [[ -e root/DEBIAN/control ]] || fields
  printf '%s\n' "$@" >root/DEBIAN/conffiles
}

# quietly COMMAND...: a tool, whose words matter only when it fails.
quietly() { "$@" >"$LOG" 2>&1 || { cat "$LOG" >&2; return 1; }; }

# deb [OPTION...]: the package of root, by dpkg-deb.
deb() {
  [[ -e root/DEBIAN/control ]] || fields
  quietly dpkg-deb --root-owner-group "$@" --build root "$OUT"
}

# archives [OPTION...]: control.tar and data.tar of root by GNU tar, as those tools make them that write archives themselves.
archives() {
  [[ -e root/DEBIAN/control ]] || fields
  echo 2.0 >debian-binary
  tar -C root/DEBIAN --owner=0 --group=0 -cf control.tar .
  mv root/DEBIAN .
  tar -C root --owner=0 --group=0 "$@" -cf data.tar .
}

# members FILE...: the package of these members of an ar archive, by ar.
members() { ar -qcS "$OUT" "$@"; }

# packed: the package of control.tar and data.tar as most of those tools make it.
packed() {
  gzip -n control.tar data.tar
  members debian-binary control.tar.gz data.tar.gz
}

# project: debian/ of a source package, without rules.
project() {
  mkdir -p debian/source
  echo '3.0 (native)' >debian/source/format
  printf '%s (%s) unstable; urgency=low\n\n  * A release.\n\n -- A Vendor <vendor@example.org>  Mon, 01 Jan 2024 00:00:00 +0000\n' \
    "$NAME" "$VERSION" >debian/changelog
  printf 'Source: %s\nSection: misc\nPriority: optional\nMaintainer: A Vendor <vendor@example.org>\nBuild-Depends: debhelper-compat (= 13)\nStandards-Version: 4.6.2\n\nPackage: %s\nArchitecture: %s\nDepends: ${misc:Depends}, ${shlibs:Depends}\nPre-Depends: ${misc:Pre-Depends}\nDescription: an example\n It has a longer text.\n' \
    "$NAME" "$NAME" "${1:-all}" >debian/control
  printf '#!/usr/bin/make -f\n%%:\n\tdh $@\n' >debian/rules
  chmod +x debian/rules
}

# binary: the package of debian/, by debhelper.
binary() {
  quietly dpkg-buildpackage -us -uc -b -d
  mv ../"${NAME}_${VERSION}"_*.deb "$OUT"
}
