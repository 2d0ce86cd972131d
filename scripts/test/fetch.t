#!/usr/bin/perl
# scripts/fetch against an archive of our own, played by two small scripts in
# the place of apt: what it takes, what it refuses, and what it says.
use strict;
use warnings;
use Digest::SHA qw(sha256_hex);
use FindBin;
use lib $FindBin::Bin;
use PortTest;
use Test::More;

my $fetch = "$FindBin::Bin/../fetch";
my $archive = "$scratch/archive";
my $bin = "$scratch/bin";
mkdir $_ for $archive, $bin;

write_file("$bin/apt-get", <<'SH');
#!/bin/sh
echo "apt-get $*" >>"$ARCHIVE/calls"
case "$*" in
*indextargets*) . /etc/os-release; echo "http://archive/ $VERSION_CODENAME" ;;
*update*) [ ! -e "$ARCHIVE/down" ] ;;
*source*)
	[ ! -e "$ARCHIVE/down" ] || exit 100
	for arg; do
		case $arg in foo=*) cp "$ARCHIVE"/foo_${arg#foo=}.orig.tar.gz . ;; esac
	done ;;
esac
SH
write_file("$bin/apt-cache", <<'SH');
#!/bin/sh
cat "$ARCHIVE/Sources"
SH
chmod 0755, "$bin/apt-get", "$bin/apt-cache";
$ENV{ARCHIVE} = $archive;
$ENV{PATH} = "$bin:$ENV{PATH}";

# The archive has these versions, with what the index says of them.
sub archive_has {
    my (%file) = @_;
    unlink glob "$archive/*";
    my $index = '';
    for my $version (sort keys %file) {
        my $name = "foo_$version.orig.tar.gz";
        write_file("$archive/$name", $file{$version});
        my $sum = sha256_hex($file{$version});
        $index .= "Package: foo\nVersion: $version\nChecksums-Sha256:\n" .
          " $sum 1 $name\n 0000 1 foo_$version.debian.tar.xz\nFiles:\n\n";
    }
    write_file("$archive/Sources", $index);
}

my ($n, $dist, $info);
sub fresh {
    my ($version, $text) = @_;
    $n++;
    ($dist, $info) = ("$scratch/dist$n", "$scratch/distinfo$n");
    $ENV{BUILDDIR} = "$scratch/build$n";
    write_file($info, "SHA256 (foo_$version.orig.tar.gz) = " .
          sha256_hex($text) . "\n");
}

my $said;
sub fetched {
    my (@options) = @_;
    $said = qx{$fetch -d $dist -i $info @options -o $scratch/work/list \\
        foo 2>&1};
    return $? >> 8;
}

sub left { return join ' ', map { s{.*/}{}r } glob "$dist/* $dist/.fetch*" }
my $one = 'foo_1.orig.tar.gz';

# In DISTDIR already: neither apt nor network.
archive_has(1 => 'one');
fresh(1, 'one');
mkdir $dist;
write_file("$dist/$one", 'one');
is(fetched(), 0, 'a file that is there');
ok(!-e "$archive/calls", 'needs no apt');
is(slurp("$scratch/work/list"), "$one\n", 'and is named');
is($said, '', 'without a word');

write_file("$dist/$one", 'two');
is(fetched(), 1, 'a file that is there, but wrong');
like($said, qr/^fetch: wrong checksum: .*\Q$one\E .*remove the file/,
    'is refused in a sentence');
is(slurp("$dist/$one"), 'two', 'and left alone');

fresh(1, 'one');
is(fetched(), 0, 'from the archive');
is(slurp("$dist/$one"), 'one', 'the right one');
is(left(), $one, 'and nothing else');

fresh(1, 'other');
is(fetched(), 1, 'same name, other contents');
like($said, qr/wrong checksum: .*index and .* disagree/, 'is refused');
is(left(), '', 'and not kept');

fresh(1, 'one');
write_file("$archive/$one", 'tampered');
is(fetched(), 1, 'not what the index says');
like($said, qr/wrong checksum: \Q$one\E as downloaded/, 'is refused');
is(left(), '', 'and not kept');

archive_has(1 => 'one', 2 => 'two');
fresh(1, 'one');
is(fetched(), 0, 'an older version that is still there');
is(left(), $one, 'is preferred');

archive_has(2 => 'two', 10 => 'ten');
fresh(1, 'one');
is(fetched('-s yes'), 1, 'STRICT refuses a newer version');
like($said, qr/STRICT=yes: .*foo_10.*instead of foo_1/, 'and says which');
is(left(), '', 'and takes nothing');
is(fetched(), 0, 'otherwise it is taken');
like($said, qr/notice: \Q$one\E has been replaced by foo_10/, 'with a notice');
is(slurp("$scratch/work/list"), "foo_10.orig.tar.gz\n", 'and named');
write_file("$archive/down", '');
is(fetched(), 0, 'and found again without network');
write_file("$dist/foo_10.orig.tar.gz", 'changed');
is(fetched(), 1, 'unless it has changed since');

archive_has(1 => 'one');
write_file("$archive/down", '');
fresh(1, 'one');
is(fetched(), 1, 'no network');
like($said, qr/^fetch: \Q$one\E is not in .*cannot be reached \(no network/m,
    'is said in a sentence');
is(left(), '', 'nothing half-written is left');

archive_has();
fresh(1, 'one');
is(fetched(), 1, 'a package that the archive does not have');
like($said, qr/^fetch: the package archive has no \Q$one\E/m, 'is said');

# Several at once, one download.
archive_has(1 => 'one');
fresh(1, 'one');
my @pids = map {
    my $i = $_;
    my $pid = fork;
    if (!$pid) {
        exec "$fetch -d $dist -i $info -o $scratch/w$i/list foo 2>/dev/null";
    }
    $pid;
} 1 .. 4;
my $bad = grep { waitpid $_, 0; $? } @pids;
is($bad, 0, 'four at the same time');
is(scalar(() = slurp("$archive/calls") =~ /download-only/g), 1, 'one download');

# makesum
fresh(1, 'one');
archive_has(1 => 'one', 3 => 'three');
is(fetched('-m'), 0, 'makesum');
like(slurp($info), qr/^SHA256 \(foo_3\.orig\.tar\.gz\) = @{[sha256_hex('three')]}$/m,
    'writes what the newest version has');

done_testing();
