#!/usr/bin/perl
# Every guest test once more on a kernel that checks itself (hw_debug), on one CPU
# and on two.
use strict;
use warnings;
use FindBin;
use Test::More;

my $top = "$FindBin::Bin/../..";

# What is about images themselves, or makes its own, says nothing here.
my @tests = grep { !m{/(size|ring3|machines|grub|hardening|debug)\.t$} }
  glob "$top/core/test/guest/*.t";

for my $cpus (1, 2) {
    local $ENV{GUEST_ADD} = 'debug';
    local $ENV{GUEST_CPUS} = $cpus;
    is(system('prove', @tests), 0, "all guest tests, $cpus CPUs");
}
done_testing();
