#!/usr/bin/perl
# A Meson project.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Toolchain;
use Test::More;

my $dir = project('meson');
my $build = "$dir/build";
runs_ok("meson setup --cross-file $share/meson.cross $build $dir",
    'meson setup');
runs_ok("ninja -C $build", 'ninja');
good_program("$build/answer", "the answer is 42\n", 'meson');
ok(-e "$build/liblib.a", 'the library is static');

done_testing();
