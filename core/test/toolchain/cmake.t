#!/usr/bin/perl
# A CMake project, with both of its usual generators.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Toolchain;
use Test::More;

my $dir = project('cmake');
for my $generator ('Unix Makefiles', 'Ninja') {
    my $build = "$dir/" . substr $generator, 0, 4;
    runs_ok("cmake -S $dir -B $build -G '$generator' " .
          "-DCMAKE_TOOLCHAIN_FILE=$share/toolchain.cmake",
        "$generator: configure");
    runs_ok("cmake --build $build", "$generator: build");
    good_program("$build/answer", "the answer is 42\n", $generator);
    ok(-e "$build/liblib.a", "$generator: the library is static");
}

done_testing();
