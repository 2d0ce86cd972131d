#!/usr/bin/perl
# /proc as programs and monitors read it.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

differential('procfs', args => ['alpha', 'b c', ''], env => ['ROOM=0123456789'],
    cpus => $_) for 1, 2;

done_testing();
