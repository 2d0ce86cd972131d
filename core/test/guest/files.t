#!/usr/bin/perl
# Files and directories on tmpfs.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

differential('files');

done_testing();
