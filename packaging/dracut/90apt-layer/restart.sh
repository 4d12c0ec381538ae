#!/bin/sh
# A hook of dracut, before it offers a shell: a deployment whose root does not come must not wait for somebody. panic= says for how long.
if getarg aptlayer.deployment= >/dev/null; then
	aptlayer_seconds=$(getarg panic=)
	if [ "${aptlayer_seconds:-0}" -gt 0 ]; then
		echo "apt-layer: the deployment cannot be booted; the machine restarts in $aptlayer_seconds seconds." >&2
		sleep "$aptlayer_seconds"
		exec reboot -f
	fi
fi
