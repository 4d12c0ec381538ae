#!/usr/bin/perl
# Tries ways out of a sandbox, and says what each got: `NAME: got WHAT` or `NAME: nothing (WHY)`.
#
#   escape-attempts.pl NAME [ARGUMENT...] [-- NAME [ARGUMENT...]]...
#
# Written for the perl of a minimal Debian: syscall() by number, no modules but the essential ones.
use strict;
use warnings;
use POSIX ();

my $machine = (POSIX::uname())[4];
my %numbers = (
  x86_64 => {
    name_to_handle_at => 303, open_by_handle_at => 304, keyctl => 250, add_key => 248, mount => 165,
    unshare => 272, ptrace => 101, mknod => 133, bpf => 321, syslog => 103,
  },
  aarch64 => {
    name_to_handle_at => 264, open_by_handle_at => 265, keyctl => 219, add_key => 217, mount => 40,
    unshare => 97, ptrace => 117, mknodat => 33, bpf => 280, syslog => 116,
  },
);
my $number = $numbers{$machine} or die "no system call numbers of $machine\n";

use constant { AT_FDCWD => -100, SESSION_KEYRING => -3, USER_KEYRING => -4 };
use constant { KEYCTL_JOIN_SESSION_KEYRING => 1, KEYCTL_SETPERM => 5, KEYCTL_LINK => 8, KEYCTL_SEARCH => 10, KEYCTL_READ => 11 };

my $user = "user\0";

# Calls the kernel, which may write to the arguments themselves (so none is a literal string); dies with its error.
sub call {
  my $name = shift;
  my $result = syscall($number->{$name}, @_);
  die "$name: $!\n" if $result == -1;
  return $result;
}

# TYPE:HEX, the handle of a file.
sub handle_of {
  my ($path) = @_;
  my $handle = pack('I i', 128, 0) . "\0" x 128;
  my $mount = pack('i', 0);
  call('name_to_handle_at', AT_FDCWD, "$path\0", $handle, $mount, 0);
  my ($size, $type) = unpack('I i', $handle);
  return "$type:" . unpack('H*', substr($handle, 8, $size));
}

sub read_by_handle {
  my ($text, @mounts) = @_;
  my ($type, $hex) = split /:/, $text;
  my $why = 'no file of the host';
  for my $path (@mounts) {
    sysopen(my $mount, $path, 0) or next;
    my $bytes = pack('H*', $hex);
    my $handle = pack('I i', length $bytes, $type) . $bytes;
    my $fd = syscall($number->{open_by_handle_at}, fileno($mount), $handle, 0);
    if ($fd == -1) { $why = "$!"; next }
    open(my $file, '<&=', $fd) or die "$!\n";
    return scalar <$file>;
  }
  die "$why\n";
}

sub read_key {
  my ($keyring, $description) = @_;
  my $key = call('keyctl', KEYCTL_SEARCH, $keyring, $user, "$description\0", 0);
  my $buffer = "\0" x 256;
  my $size = call('keyctl', KEYCTL_READ, $key, $buffer, length $buffer);
  return substr($buffer, 0, $size);
}

# An i386 program that does the same: machine code, since a minimal Debian has no compiler.
sub read_by_handle_as_i386 {
  my ($text, @mounts) = @_;
  my ($type, $hex) = split /:/, $text;
  my $bytes = pack('H*', $hex);
  my $handle = pack('V V', length $bytes, $type) . $bytes;
  my ($base, $headers) = (0x08048000, 84);
  my $code = sub {
    my ($handle_at, $buffer) = @_;
    my $system_call = "\xCD\x80";
    my $show = "\x89\xC3\xB9" . pack('V', $buffer) . "\xBA" . pack('V', 64) . "\xB8" . pack('V', 3) . $system_call
      . "\x89\xC2\xBB" . pack('V', 1) . "\xB9" . pack('V', $buffer) . "\xB8" . pack('V', 4) . $system_call
      . "\x31\xDB\xEB\x04";
    return "\xBB" . pack('V', 0) . "\xB9" . pack('V', $handle_at) . "\x31\xD2\xB8" . pack('V', 342) . $system_call
      . "\x85\xC0\x78" . chr(length $show) . $show . "\xF7\xD8\x89\xC3\xB8" . pack('V', 1) . $system_call;
  };
  my $handle_at = $base + $headers + length $code->(0, 0);
  my $body = $code->($handle_at, $handle_at + 128) . $handle . "\0" x (256 - length $handle);
  my $size = $headers + length $body;
  my $program = "\x7FELF\x01\x01\x01" . "\0" x 9
    . pack('v v V V V V V v v v v v v', 2, 3, 1, $base + $headers, 52, 0, 0, 52, 32, 1, 0, 0, 0)
    . pack('V V V V V V V V', 1, 0, $base, $base, $size, $size, 7, 4096) . $body;
  my $path = "/tmp/as-i386.$$";
  open(my $file, '>', $path) or die "$!\n";
  print $file $program;
  close $file;
  chmod 0755, $path;
  my $why = 'no file of the host';
  for my $mount (@mounts) {
    next unless -e $mount;
    my $said = `$path <$mount`;
    my $status = $?;
    if ($status == 0) { unlink $path; return $said }
    $! = $status >> 8;
    $why = $status & 127 ? "signal $status" : "$!";
  }
  unlink $path;
  die "$why\n";
}

sub first_line {
  my ($path) = @_;
  open(my $file, '<', $path) or die "$!\n";
  return scalar <$file>;
}

# Every name below /proc, and every variable there is.
sub read_environments {
  my ($part) = @_;
  my @found = grep { defined && /\Q$part\E/ } values %ENV;
  for my $path (glob '/proc/[0-9]*/environ') {
    open(my $file, '<', $path) or next;
    local $/ = "\0";
    push @found, grep { /\Q$part\E/ } <$file>;
  }
  return @found ? $found[0] : die "not there\n";
}

# What is open and was not opened here.
sub read_descriptors {
  for my $fd (3 .. 255) {
    open(my $file, '<&', $fd) or next;
    return "$fd, a directory" if -d $file;
    next unless -f $file && seek($file, 0, 0);
    my $line = <$file>;
    return $line if defined $line;
  }
  die "nothing is open\n";
}

sub trace {
  my ($pid) = @_;
  my ($attach, $detach) = (16, 17);
  call('ptrace', $attach, $pid + 0, 0, 0);
  waitpid($pid, 0x40000000);
  syscall($number->{ptrace}, $detach, $pid + 0, 0, 0);
  return 'a process';
}

sub read_device {
  # Any will do that can be told from a file: zeros without end.
  my ($major, $minor) = (1, 5);
  my $device = ($major << 8) | ($minor & 0xff) | (($minor & ~0xff) << 12);
  my $why;
  for my $directory ('/tmp', '/', '/run', '/dev', '/dev/shm', '/var/lib') {
    my $path = "$directory/device.$$";
    my $failed = $number->{mknod}
      ? syscall($number->{mknod}, $path, 020600, $device)
      : syscall($number->{mknodat}, AT_FDCWD, $path, 020600, $device);
    if ($failed) { $why = "$directory: mknod: $!"; next }
    my $opened = open(my $file, '<', $path);
    $why = "$directory: $!";
    unlink $path;
    next unless $opened;
    return sysread($file, my $block, 512) . ' bytes';
  }
  die "$why\n";
}

sub mount_memory {
  my ($file_system, $source, $directory) = ("tmpfs\0", "escape\0", "/mnt\0");
  call('mount', $source, $directory, $file_system, 0, 0);
  return 'a mount';
}

# What a server says first. The domain: 1 for a socket with a name, 2 for IPv4.
sub hear {
  my ($domain, $address) = @_;
  socket(my $socket, $domain, 1, 0) or die "$!\n";
  local $SIG{ALRM} = sub { die "no answer\n" };
  alarm 10;
  connect($socket, $address) or die "$!\n";
  my $said = <$socket>;
  alarm 0;
  return $said;
}

# Asks what answers datagrams on the loopback: as usual, and by each other device, which leads elsewhere for programs that pass packets on.
sub ask_loopback {
  my ($port) = @_;
  use constant { SO_BINDTODEVICE => 25 };
  open(my $devices, '<', '/proc/net/dev') or die "$!\n";
  for my $device ('', map { /^\s*([^:\s]+):/ && $1 ne 'lo' ? $1 : () } <$devices>) {
    for my $to ([2, pack('S n C4 x8', 2, $port, 127, 0, 0, 1)], [10, pack('S n N x15 C N', 10, $port, 0, 1, 0)]) {
      my ($domain, $address) = @$to;
      socket(my $socket, $domain, 2, 0) or next;
      if ($device ne '') { setsockopt($socket, 1, SO_BINDTODEVICE, "$device\0") or next }
      send($socket, 'who?', 0, $address) or next;
      my $readable = '';
      vec($readable, fileno($socket), 1) = 1;
      select($readable, undef, undef, 0.5) or next;
      my $said;
      return $said if defined recv($socket, $said, 100, 0);
    }
  }
  die "no answer\n";
}

# Types a line in capitals into the terminal, by TIOCSTI.
sub type_into_terminal {
  my ($line) = @_;
  for my $character (split //, uc($line) . "\n") { ioctl(STDIN, 0x5412, $character) or die "$!\n" }
  return 'a line typed';
}

# Leaves a program of that name behind, away from whatever is waited for.
sub outlive {
  my ($name) = @_;
  my $child = fork // die "$!\n";
  if ($child == 0) {
    POSIX::setsid();
    if (fork) { POSIX::_exit(0) }
    close $_ for *STDIN, *STDOUT, *STDERR;
    { exec { '/usr/bin/sleep' } $name, '600' };
    POSIX::_exit(1);
  }
  waitpid $child, 0;
  return 'a process';
}

# Writes to a setting what it is already.
sub rewrite {
  my ($path) = @_;
  my $value = first_line($path);
  open(my $file, '>', $path) or die "$!\n";
  syswrite($file, $value) or die "$!\n";
  return 'written';
}

# As many processes as there may be, up to a number.
sub fork_much {
  my ($most) = @_;
  my @children;
  while (@children < $most) {
    my $child = fork;
    last if !defined $child;
    if ($child == 0) { sleep 600; POSIX::_exit(0) }
    push @children, $child;
  }
  kill 'KILL', @children;
  waitpid $_, 0 for @children;
  return @children . ' processes';
}

# So much memory, in a file of /tmp where a name is given: there it is a file system in memory.
sub take_memory {
  my ($mebibytes, $name) = @_;
  my $chunk = 'x' x (1 << 20);
  my @kept;
  if (defined $name) {
    open(my $file, '>', $name) or die "$!\n";
    for (1 .. $mebibytes) { syswrite($file, $chunk) == length $chunk or die "$!\n" }
    unlink $name;
  } else {
    for my $count (1 .. $mebibytes) { push @kept, $chunk . $count }
  }
  return "$mebibytes MiB";
}

my %attempts = (
  processes => \&fork_much,
  memory => \&take_memory,
  'handle-of' => \&handle_of,
  handle => \&read_by_handle,
  'i386-handle' => \&read_by_handle_as_i386,
  file => \&first_line,
  'root-of-process-1' => sub { first_line("/proc/1/root$_[0]") },
  environment => \&read_environments,
  descriptor => \&read_descriptors,
  process => sub { kill(0, $_[0]) ? 'a process' : die "$!\n" },
  outlive => \&outlive,
  terminal => \&type_into_terminal,
  trace => \&trace,
  device => \&read_device,
  mount => \&mount_memory,
  'user-namespace' => sub { call('unshare', 0x10000000); 'a namespace' },
  'unix-socket' => sub { hear(1, pack('S a*', 1, "$_[0]\0")) },
  # Some programs have names as long as there is room for.
  'abstract-socket' => sub { eval { hear(1, pack('S a*', 1, "\0$_[0]")) } // hear(1, pack('S a108', 1, "\0$_[0]")) },
  loopback => sub { hear(2, pack('S n C4 x8', 2, $_[0], 127, 0, 0, 1)) },
  network => sub { hear(2, pack('S n C4 x8', 2, $_[1], split /\./, $_[0])) },
  'loopback-datagram' => \&ask_loopback,
  setting => \&rewrite,
  'kernel-log' => sub { my $text = "\0" x 4096; call('syslog', 3, $text, 4096); 'the log' },
  'session-key' => sub { read_key(SESSION_KEYRING, @_) },
  'user-key' => sub { read_key(USER_KEYRING, @_) },
  'listed-keys' => sub {
    my ($description) = @_;
    open(my $file, '<', '/proc/keys') or die "$!\n";
    return (grep { /\Q$description\E/ } <$file>)[0] // die "not listed\n";
  },
);

# Not an attempt: starts a program in a new session keyring that has a key, which the user's own keyring gets as well.
if ($ARGV[0] eq 'with-key') {
  my (undef, $description, $payload, @command) = @ARGV;
  call('keyctl', KEYCTL_JOIN_SESSION_KEYRING, 0);
  call('keyctl', KEYCTL_LINK, USER_KEYRING, SESSION_KEYRING);
  for my $keyring (SESSION_KEYRING, USER_KEYRING) {
    my $key = call('add_key', $user, "$description\0", $payload, length $payload, $keyring);
    call('keyctl', KEYCTL_SETPERM, $key, 0x3f3f3f3f);
  }
  exec @command or die "$command[0]: $!\n";
}

$| = 1;
my @words = @ARGV;
while (@words) {
  my $name = shift @words;
  my @arguments;
  while (@words) {
    my $word = shift @words;
    last if $word eq '--';
    push @arguments, $word;
  }
  my $attempt = $attempts{$name} or die "no attempt is called $name\n";
  my $got = eval { $attempt->(@arguments) };
  my $said = defined $got ? "got $got" : 'nothing (' . ($@ || 'undefined') . ')';
  $said =~ s/\s+/ /g;
  $said =~ s/ (\)?)$/$1/;
  print "$name: $said\n";
}
