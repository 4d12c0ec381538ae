import { HIDDEN } from '../transaction/index.ts';

/** Kernel arguments whose values are no secrets; a name that ends with a dot stands for all that begin with it. */
const PUBLIC: readonly string[] = [
  // How the system is found and started.
  ...['root', 'rootfstype', 'rootflags', 'rootdelay', 'resume', 'init', 'systemd.unit', 'systemd.log_level'],
  ...['composefs.digest', 'aptlayer.deployment', 'aptlayer.sysroot', 'fsck.mode', 'fsck.repair'],
  ...['boot', 'ds', 'systemd.unified_cgroup_hierarchy', 'systemd.default_timeout_start_sec'],
  // What is said, and where.
  ...['console', 'earlycon', 'earlyprintk', 'loglevel', 'consoleblank', 'panic', 'printk.', 'vt.', 'fbcon'],
  ...['systemd.show_status', 'systemd.journald.forward_to_console', 'rd.udev.log_level', 'udev.log_level'],
  // Devices and drivers.
  ...['video', 'vga', 'i915.', 'amdgpu.', 'nouveau.', 'nvidia-drm.', 'drm.', 'acpi', 'acpi_osi', 'pci'],
  ...['pcie_aspm', 'usbcore.', 'nvme_core.', 'net.ifnames', 'biosdevname', 'ipv6.', 'snd_hda_intel.'],
  ...['module_blacklist', 'modprobe.blacklist', 'intel_iommu', 'amd_iommu', 'iommu', 'kvm.', 'kvm_intel.'],
  // Processors, memory and time.
  ...['mem', 'maxcpus', 'nr_cpus', 'isolcpus', 'nohz_full', 'rcu_nocbs', 'hugepages', 'hugepagesz', 'numa'],
  ...['default_hugepagesz', 'transparent_hugepage', 'crashkernel', 'clocksource', 'tsc', 'swapaccount'],
  ...['processor.max_cstate', 'intel_idle.max_cstate', 'intel_pstate', 'amd_pstate', 'zswap.', 'preempt'],
  ...['cgroup_enable', 'cgroup_disable', 'cgroup_no_v1', 'psi', 'threadirqs', 'highres', 'nmi_watchdog'],
  // What protects.
  ...['security', 'lsm', 'apparmor', 'selinux', 'enforcing', 'audit', 'audit_backlog_limit', 'lockdown'],
  ...['mitigations', 'spectre_v2', 'pti', 'vsyscall', 'init_on_alloc', 'init_on_free', 'debugfs', 'oops'],
  ...['page_alloc.shuffle', 'random.trust_cpu', 'module.sig_enforce', 'slub_debug', 'efi'],
];

/** Values that say nothing but yes or no. */
const SWITCH = /^(?:[0-9yn]|on|off|yes|no|true|false|auto|none)$/;

/** A kernel argument as anybody may read it: what is not known to be no secret loses its value. A word without a value is a name. */
export function publicArgument(argument: string): string {
  const end = argument.indexOf('=');
  if (end < 0) return argument;
  const name = argument.slice(0, end);
  // The kernel takes - and _ for the same.
  const plain = name.replaceAll('-', '_');
  const isPublic =
    SWITCH.test(argument.slice(end + 1)) ||
    PUBLIC.map(one => one.replaceAll('-', '_')).some(one =>
      one.endsWith('.') ? plain.startsWith(one) : plain === one,
    );
  return isPublic ? argument : `${name}=${HIDDEN}`;
}
