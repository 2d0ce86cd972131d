#!/usr/bin/perl
# Streams.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

differential('stdio');

done_testing();
