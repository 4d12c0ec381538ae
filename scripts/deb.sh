#!/bin/bash
# Builds the Debian package of apt-layer from dist/, which `npm run build` makes.
#
#   scripts/deb.sh [--output DIRECTORY]      default: dist/deb
#
# Prints the path of the package. The same sources give the same bytes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

die() {
  echo "deb: $1" >&2
  exit 1
}

output=dist/deb
case ${1:-} in
  '') ;;
  --output) output=${2:?--output needs a directory} ;;
  *) die "unknown argument '$1'; scripts/deb.sh [--output DIRECTORY]" ;;
esac
version=$(node -p 'require("./package.json").version')
readonly version

# Every time in the package is that of the newest entry of its changelog.
SOURCE_DATE_EPOCH=$(date -ud "$(sed -n 's/^ -- .*>  //p' packaging/debian/changelog | head -n 1)" +%s)
export SOURCE_DATE_EPOCH

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"

# install_files MODE DIRECTORY FILE...
install_files() {
  local mode=$1 directory=$2
  shift 2
  install -d -m 755 "$root$directory"
  install -m "$mode" -t "$root$directory" "$@"
}

filled() {
  sed -e "s/@VERSION@/$version/" -e "s/@SIZE@/${size:-0}/" "$1"
}

install_program() {
  local name directory
  install -d -m 755 "$root/usr/lib/apt-layer/dist"
  while IFS= read -r name; do
    install -m 644 -t "$root/usr/lib/apt-layer/dist" "dist/$name"
    # Their source maps are not shipped.
    sed -i '/^\/\/# sourceMappingURL=/d' "$root/usr/lib/apt-layer/dist/$name"
  done < <(cd dist && find . -maxdepth 1 -name '*.mjs' -printf '%f\n' | sort)
  # What `require` of it loads.
  for name in package.json index.cjs src/koffi/index.cjs src/koffi/src/static.cjs; do
    install -D -m 644 "node_modules/koffi/$name" "$root/usr/lib/apt-layer/node_modules/koffi/$name"
  done
  for directory in node_modules/@koromix/koffi-linux-*; do
    install_files 644 "/usr/lib/apt-layer/$directory" "$directory/package.json" "$directory/index.js"
    # Debian has glibc.
    find "$directory" -mindepth 1 -maxdepth 1 -type d -name 'linux_*' \
      -exec cp -r {} "$root/usr/lib/apt-layer/$directory/" ';'
  done
  find "$root/usr/lib/apt-layer/node_modules" -type f -exec chmod 644 {} +
  find "$root/usr/lib/apt-layer/node_modules" -type d -exec chmod 755 {} +
  install_files 755 /usr/bin packaging/lib/apt-layer
  install_files 755 /usr/lib/apt-layer packaging/lib/{in-namespace,refuse,apt-front,adopt-var}
  install -d -m 755 "$root/usr/sbin"
  ln -s ../lib/apt-layer/apt-front "$root/usr/sbin/apt"
  ln -s ../lib/apt-layer/apt-front "$root/usr/sbin/apt-get"
}

install_system() {
  local unit
  install_files 644 /usr/lib/systemd/system packaging/systemd/*
  install -d -m 755 "$root/usr/lib/systemd/system/multi-user.target.wants"
  for unit in boot finalize confirm; do
    ln -s "../apt-layer-$unit.service" "$root/usr/lib/systemd/system/multi-user.target.wants/"
  done
  for unit in sysinit/adopt.service emergency/emergency.service rescue/emergency.service timers/give-up.timer timers/cleanup.timer; do
    install -d -m 755 "$root/usr/lib/systemd/system/${unit%/*}.target.wants"
    ln -s "../apt-layer-${unit#*/}" "$root/usr/lib/systemd/system/${unit%/*}.target.wants/"
  done
  install_files 644 /etc/apt/apt.conf.d packaging/apt/00-apt-layer
  install_files 644 /etc/apt-layer packaging/config/apt-layer.conf
  install_files 644 /etc/apt-layer/health.d packaging/config/health.d/README
  install_files 755 /usr/share/initramfs-tools/hooks packaging/initramfs-tools/hooks/apt-layer
  install_files 755 /usr/share/initramfs-tools/scripts/init-top packaging/initramfs-tools/scripts/init-top/apt-layer
  install_files 644 /usr/share/initramfs-tools/scripts packaging/initramfs-tools/scripts/apt-layer{,-deployment}
  install_files 755 /usr/lib/dracut/modules.d/90apt-layer packaging/dracut/90apt-layer/*
}

install_documents() {
  local program=(node "dist/apt-layer.mjs")
  install -d -m 755 "$root"/usr/share/{man/man8,bash-completion/completions,zsh/vendor-completions,fish/vendor_completions.d}
  "${program[@]}" man | gzip -9n >"$root/usr/share/man/man8/apt-layer.8.gz"
  "${program[@]}" completion bash >"$root/usr/share/bash-completion/completions/apt-layer"
  "${program[@]}" completion zsh >"$root/usr/share/zsh/vendor-completions/_apt-layer"
  "${program[@]}" completion fish >"$root/usr/share/fish/vendor_completions.d/apt-layer.fish"
  install_files 644 /usr/share/apt-layer schema/apt-layer.schema.json
  install_files 644 /usr/share/doc/apt-layer packaging/debian/copyright
  gzip -9n <CHANGELOG.md >"$root/usr/share/doc/apt-layer/changelog.gz"
  filled packaging/debian/changelog | gzip -9n >"$root/usr/share/doc/apt-layer/changelog.Debian.gz"
  install -d -m 755 "$root/usr/share/doc/apt-layer/examples/parts" "$root/usr/share/lintian/overrides"
  install -m 644 examples/*.yaml "$root/usr/share/doc/apt-layer/examples/"
  install -m 644 examples/parts/*.yaml "$root/usr/share/doc/apt-layer/examples/parts/"
  install -m 644 packaging/debian/lintian-overrides "$root/usr/share/lintian/overrides/apt-layer"
  find "$root/usr/share" -type f -exec chmod go-w {} +
}

install_control() {
  local size
  # As dpkg-gencontrol counts: the same on all file systems.
  size=$(find "$root" -printf '%y %s\n' | awk '{ kib += $1 == "f" ? int(($2 + 1023) / 1024) : 1 } END { print kib }')
  install -d -m 755 "$root/DEBIAN"
  filled packaging/debian/control >"$root/DEBIAN/control"
  install -m 644 packaging/debian/conffiles "$root/DEBIAN/conffiles"
  (cd "$root" && find etc usr -type f -print0 | sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
}

[[ -e dist/apt-layer.mjs ]] || die 'there is no dist/apt-layer.mjs; run `npm run build` first'
umask 022
install_program
install_system
install_documents
install_control
find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
mkdir -p "$output"
package="$output/apt-layer_${version}_all.deb"
# How many threads compress shows in the bytes.
dpkg-deb --root-owner-group --threads-max=1 -Zxz --build "$root" "$package" >/dev/null
echo "$package"
