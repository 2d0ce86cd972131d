#!/usr/bin/perl
# A project with a plain makefile.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Toolchain;
use Test::More;

my $dir = project('make');
runs_ok("make -C $dir CC=$target-gcc AR=$target-ar RANLIB=$target-ranlib",
    'make');
good_program("$dir/answer", "the answer is 42\n", 'make');

done_testing();
