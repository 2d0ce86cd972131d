#!/usr/bin/perl
# Files and directories on tmpfs.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

# The native run must find what the guest finds: nothing.
use File::Path qw(remove_tree);
remove_tree('/tmp/files-test');
differential('files');
remove_tree('/tmp/files-test');

done_testing();
