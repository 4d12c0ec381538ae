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
  x86_64  => { name_to_handle_at => 303, open_by_handle_at => 304, keyctl => 250, add_key => 248 },
  aarch64 => { name_to_handle_at => 264, open_by_handle_at => 265, keyctl => 219, add_key => 217 },
);
my $number = $numbers{$machine} or die "no system call numbers of $machine\n";

use constant { AT_FDCWD => -100, SESSION_KEYRING => -3, USER_KEYRING => -4 };
use constant { KEYCTL_JOIN_SESSION_KEYRING => 1, KEYCTL_SEARCH => 10, KEYCTL_READ => 11 };

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

my %attempts = (
  'handle-of' => \&handle_of,
  handle => \&read_by_handle,
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
  for my $keyring (SESSION_KEYRING, USER_KEYRING) {
    call('add_key', $user, "$description\0", $payload, length $payload, $keyring);
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
