#!/usr/bin/perl
# Thread cancellation.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

differential('cancel');

done_testing();
