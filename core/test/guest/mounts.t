#!/usr/bin/perl
# Mounts, and what still leads to a file system that is unmounted.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

# Like the program in the guest, that on Linux must be root and may mount.
plan skip_all => 'must be root, and /dev/shm a tmpfs'
  if $> || !-d '/dev/shm' || system('unshare -m true 2>/dev/null');

differential('mounts', args => [], native_args => ['native'], cpus => $_) for 1, 2;

done_testing();
