#!/usr/bin/perl
# The C library's basics.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

differential('libc', stderr => qr{no system call 1999});

done_testing();
