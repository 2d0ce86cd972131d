#!/usr/bin/perl
# Signals, restart, red zone, registers.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

differential('signals');

done_testing();
