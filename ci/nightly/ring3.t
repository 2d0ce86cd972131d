#!/usr/bin/perl
# Every guest test once more with the programs in ring 3, on one CPU and on two;
# and nginx.
use strict;
use warnings;
use FindBin;
use Test::More;

my $top = "$FindBin::Bin/../..";

# How large the smallest image is, in ring 0, is no matter of rings.
my @tests = grep { !m{/size\.t$} } glob "$top/core/test/guest/*.t";

is(system('bmake', '-C', "$top/core/test", 'ring3'), 0, 'images for ring 3')
  or die "no images\n";
for my $cpus (1, 2) {
    local $ENV{GUEST_RING} = 3;
    local $ENV{GUEST_CPUS} = $cpus;
    is(system('prove', @tests), 0, "all guest tests, $cpus CPUs");
}
{
    local $ENV{GUEST_RING} = 3;
    is(system('prove', "$top/packages/nginx/test"), 0, 'nginx');
}
done_testing();
