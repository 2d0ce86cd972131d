#!/usr/bin/perl
# Rarer calls on files: permissions, locks, renames, limits.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

# As the guest, on Linux the programs must be root.
plan skip_all => 'must be root, and /dev/shm a tmpfs'
  if $> || !-d '/dev/shm';

differential($_) for qw(edge_fs edge_names);

done_testing();
