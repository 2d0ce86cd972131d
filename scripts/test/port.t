#!/usr/bin/perl
# The ports framework with a port made up on the spot: what makes it build
# again, and what does not.
use strict;
use warnings;
use Digest::SHA qw(sha256_hex);
use FindBin;
use lib $FindBin::Bin;
use PortTest;
use Test::More;

my $port = "$scratch/port";
my $name = "porttest$$";
mkdir $_ for $port, "$port/patches", "$port/images", "$port/images/data",
  "$scratch/dist", "$scratch/$name-1";
END { system "rm -rf $build/work/$name $build/src/$name"; }

write_file("$scratch/$name-1/prog.c",
    qq{#include <stdio.h>\nint main(void)\n{\n\tputs("one");\n}\n});
write_file("$scratch/$name-1/Makefile", "prog: prog.c\n\t\$(CC) -o \$@ prog.c\n");
command('tar', '-C', $scratch, '-czf', "$scratch/dist/$name.tar.gz",
    "$name-1") or die;
write_file("$port/distinfo", "SHA256 ($name.tar.gz) = " .
      sha256_hex(slurp("$scratch/dist/$name.tar.gz")) . "\n");
my $makefile = <<"MK";
NAME=		$name
BUILD_SYSTEM=	make
IMAGES=		data
.include "$top/mk/rumprun.pkg.mk"
MK
write_file("$port/Makefile", $makefile);
write_file("$port/images/data/a file", 'x');
delete @ENV{qw(MAKEFLAGS MFLAGS MAKELEVEL)};

my $said;
sub make {
    my ($target) = @_;
    $said = qx{cd $port && bmake DISTDIR=$scratch/dist CORE_READY=yes \\
        $target 2>&1};
    return $? >> 8;
}
sub steps { return join ' ', $said =~ /^=> $name: (\w+)/mg }
sub prog { return output("$build/src/$name/prog") }

is(make('build'), 0, 'build') or diag($said);
is(steps(), 'extract build', 'step by step');
is(prog(), "one\n", 'the program');
is(make('build'), 0, 'again');
is(steps(), '', 'does nothing');

write_file("$port/patches/0001-two.patch", <<'PATCH');
Say two.
--- a/prog.c
+++ b/prog.c
@@ -1,5 +1,5 @@
 #include <stdio.h>
 int main(void)
 {
-	puts("one");
+	puts("two");
 }
PATCH
is(make('build'), 0, 'a new patch');
is(prog(), "two\n", 'is applied');
unlink "$port/patches/0001-two.patch";
is(make('build'), 0, 'a patch that is gone');
is(prog(), "one\n", 'is no longer applied');

write_file("$port/patches/0001-bad.patch",
    "--- a/prog.c\n+++ b/prog.c\n\@\@ -1 +1 \@\@\n-nothing\n+else\n");
isnt(make('build'), 0, 'a patch that does not fit');
like($said, qr/$name: extract failed.*\Q$build\E\/work\/$name\/extract\.log/,
    'names the log');
unlink "$port/patches/0001-bad.patch";
is(make('build'), 0, 'without it');
utime undef, undef, "$port/Makefile", "$port/distinfo";
make('build');
is(steps(), '', 'newer dates mean nothing');
write_file("$port/Makefile", "BUILD_ARGS= -s\n$makefile");
make('build');
is(steps(), 'extract build', 'another makefile builds again');

write_file("$port/Makefile", "BUILD_TARGETS= nothing-like-this\n$makefile");
isnt(make('build'), 0, 'a build that fails');
like($said, qr/$name: build failed.*\Q$build\E\/work\/$name\/build\.log/,
    'names the log');
write_file("$port/Makefile", $makefile);
is(make('build'), 0, 'mended');

is(make('image'), 0, 'image');
is(steps(), 'image', 'is packed');
my $first = slurp("$port/images/data.iso");
is(make('image'), 0, 'again');
is(steps(), '', 'is left alone');
unlink "$port/images/data.iso";
make('image');
ok($first eq slurp("$port/images/data.iso"), 'made again, it is the same');
write_file("$port/images/data/a file", 'xy');
make('image');
is(steps(), 'image', 'changed contents');
write_file("$port/images/data/another file", '');
make('image');
is(steps(), 'image', 'a new file');
unlink "$port/images/data/another file";
make('image');
is(steps(), 'image', 'a file less');

# Someone edits the source and keeps the change.
command('sed', '-i', 's/one/three/', "$build/src/$name/prog.c");
unlink "$build/src/$name/prog";
is(make('makepatches'), 0, 'makepatches') or diag($said);
like(slurp((glob "$port/patches/*.patch")[0]), qr/^\+\tputs\("three"\);/m,
    'writes the change down');
is(make('build'), 0, 'which');
is(prog(), "three\n", 'makes it permanent');

is(make('clean'), 0, 'clean');
ok(!-e "$build/src/$name" && !-e "$port/images/data.iso", 'leaves nothing');

is(output('bmake', '-C', "$top/packages/nginx", 'show-depends'),
    "zlib\npcre2\nopenssl\n", 'show-depends of nginx');
my $env = output('make', '-s', '-C', $top, 'env');
is(output('sh', '-c', "$env\ncommand -v $target-gcc"),
    "$build/toolchain/bin/$target-gcc\n", 'make env, by way of GNU make');

done_testing();
