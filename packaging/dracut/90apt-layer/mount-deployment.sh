#!/bin/sh
# A hook of dracut, before the root is mounted: a kernel command line that names a deployment gets it, and dracut finds its work done. Any other
# boot stays as it was.

# Of the hook `emergency` (restart.sh) the machine restarts.
aptlayer_panic() {
	emergency_shell "apt-layer: $1"
	exec reboot -f
}

if getarg aptlayer.deployment= >/dev/null; then
	type det_fs >/dev/null 2>&1 || . /lib/fs-lib.sh
	. /usr/lib/apt-layer/deployment.sh
	aptlayer_read_arguments
	aptlayer_device=${root#block:}
	aptlayer_flags=$(getarg rootflags=)
	mount -t "$(det_fs "$aptlayer_device" "$(getarg rootfstype=)")" -o "rw${aptlayer_flags:+,$aptlayer_flags}" \
		"$aptlayer_device" "${aptlayer_physical}" ||
		aptlayer_fail "the root file system $aptlayer_device cannot be mounted"
	aptlayer_mount "$NEWROOT"
fi
