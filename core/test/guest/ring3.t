#!/usr/bin/perl
# Programs in ring 3 (component ring3), on processors with and without what helps
# to keep them there.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

differential($_, ring => 3, cpus => 2)
  for qw(exceptions memory signals sync threads);

# Neither SMEP, SMAP, UMIP, FSGSBASE nor XSAVE; all but one of them.
for my $cpu ('qemu64', 'max,-fsgsbase', 'max,-smap', 'max,-xsave') {
    my $r = guest('exceptions', ring => 3, opts => ['--cpu', $cpu]);

    is($r->{out}, native('exceptions')->{out}, "exceptions on $cpu")
      or diag("status $r->{status}\n$r->{err}");
}

done_testing();
