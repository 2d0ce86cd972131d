#!/usr/bin/perl
# Descriptors that are not to be had, and the locks that come with them.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

differential('fds');

done_testing();
