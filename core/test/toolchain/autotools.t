#!/usr/bin/perl
# A project with autoconf, automake and libtool.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Toolchain;
use Test::More;

my $dir = project('autotools');
runs_ok("cd $dir && autoreconf -fi", 'autoreconf') or done_testing(), exit;

# Twice: with nothing but the target's name, and as make env prepares it.
for my $site ('', "CONFIG_SITE=$share/config.site ") {
    my $name = $site ? 'with config.site' : 'bare';
    my $build = "$dir/build-" . ($site ? 'site' : 'bare');
    mkdir $build;
    runs_ok("cd $build && env -u CONFIG_SITE ${site}CC=$target-gcc " .
          "../configure --host=$target", "$name: configure");
    runs_ok("make -C $build", "$name: make");
    good_program("$build/answer", "the answer is 42\n", $name)
      if $site || -x "$build/answer";
    my $libtool = run("$build/libtool --config");
    like($libtool, qr/^build_libtool_libs=no$/m,
        "$name: libtool builds no shared libraries");
}

runs_ok("cd $dir/build-site && make install DESTDIR=$scratch/out",
    'make install');
ok(-e "$scratch/out/usr/local/lib/libanswer.a", 'library is static');

done_testing();
