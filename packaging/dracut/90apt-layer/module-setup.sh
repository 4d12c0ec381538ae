#!/bin/bash
# Puts into an initramfs of dracut what mounts the root of an apt-layer deployment.

check() {
  require_binaries fsverity mount umount || return 1
}

depends() {
  echo base fs-lib
}

installkernel() {
  hostonly='' instmods erofs overlay loop
}

install() {
  inst_multiple cat fsverity mkdir mount reboot sleep umount
  # By the names that initramfs-tools gives them.
  inst_dir /usr/lib/apt-layer
  ln_r /usr/bin/mount /usr/lib/apt-layer/mount
  ln_r /usr/bin/umount /usr/lib/apt-layer/umount
  inst_simple /usr/share/initramfs-tools/scripts/apt-layer-deployment /usr/lib/apt-layer/deployment.sh
  inst_hook pre-mount 50 "$moddir/mount-deployment.sh"
  inst_hook emergency 50 "$moddir/restart.sh"
}
