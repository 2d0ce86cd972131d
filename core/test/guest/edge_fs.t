#!/usr/bin/perl
# Rarer calls on files: permissions, locks, renames, limits.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

# Like the program in the guest, that on Linux must be root and may mount.
plan skip_all => 'must be root, and /dev/shm a tmpfs'
  if $> || !-d '/dev/shm' || system('unshare -m true 2>/dev/null');

differential('edge_fs', args => [], native_args => ['native']);

done_testing();
