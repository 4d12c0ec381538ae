#!/bin/bash
# apt-in-chroot.sh ROOT LISTS ARCHIVES SOURCES OPTION... -- PACKAGE...
#
# Plain `apt-get update` and `apt-get install` in a chroot of ROOT. Runs in mount, host name and process namespaces that the
# caller has made (unshare). LISTS and ARCHIVES are directories outside that stand in for apt's own; SOURCES is
# one that stands in for sources.list.d, or empty. Leaves nothing in ROOT but what apt-get did.
set -euo pipefail
root=$1 lists=$2 archives=$3 sources=$4
shift 4
options=()
while [[ $1 != -- ]]; do
  options+=("$1")
  shift
done
shift

made=()
cleanup() {
  local file
  for file in "${made[@]}"; do
    if mountpoint -q "$file"; then umount "$file"; fi
    rm -f "$file"
  done
}
trap cleanup EXIT

# The network is the host's, so names are resolved as on the host.
for name in hosts resolv.conf; do
  [[ -e /etc/$name ]] || continue
  if [[ ! -e $root/etc/$name ]]; then
    : >"$root/etc/$name"
    made+=("$root/etc/$name")
  fi
  mount --bind "/etc/$name" "$root/etc/$name"
done

# Scripts write the name of the host into configuration.
hostname localhost

# Services of the packages must not start.
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 0755 "$root/usr/sbin/policy-rc.d"
made+=("$root/usr/sbin/policy-rc.d")

mount -t proc proc "$root/proc"
if [[ -n ${WITH_SYS:-} ]]; then mount -t sysfs -o ro sysfs "$root/sys"; fi
# Images have no device nodes.
[[ -c $root/dev/null ]] || mount --bind /dev "$root/dev"
mount --bind "$lists" "$root/var/lib/apt/lists"
mount --bind "$archives" "$root/var/cache/apt/archives"
if [[ -n $sources ]]; then
  mount --bind "$sources" "$root/etc/apt/sources.list.d"
  options+=(-o Dir::Etc::sourcelist=/dev/null)
fi

apt_get() {
  env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
    DEBIAN_FRONTEND=noninteractive chroot "$root" apt-get -q -y "${options[@]}" "$@" </dev/null
}
apt_get update
if (($# > 0)); then
  apt_get install -- "$@"
fi
