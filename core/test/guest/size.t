#!/usr/bin/perl
# The smallest image stays small: hello without symbols, console only.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

my $limit = 190_000;
my $stripped = scratch() . '/hello';

is(run(['strip', '-o', $stripped, image('hello', 'hw_minimal')])->{status}, 0,
    'strip');
cmp_ok(-s $stripped, '<', $limit, 'bytes of hello in hw_minimal');
is(guest('hello', config => 'hw_minimal')->{out}, "Hello, world!\n", 'it runs');

done_testing();
