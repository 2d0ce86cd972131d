#!/usr/bin/perl
# An ISO 9660 image reads back byte for byte.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

use File::Path qw(make_path);

# A tree with what file systems get wrong: sizes around block and page limits, long
# names, deep directories, links, many entries.
my $tree = scratch() . '/tree';
make_path("$tree/dir/a/b/c/d/e/f/g/h/i/j", "$tree/many");

sub put {
    my ($path, $data) = @_;
    open(my $f, '>:raw', "$tree/$path") or die;
    print $f $data;
    close $f;
}

my $noise = join '', map { chr(($_ * 7 + ($_ >> 8) * 13) & 255) } 0 .. 65535;
put("size-$_", substr($noise x (1 + $_ / 65536), 0, $_))
  for 0, 1, 2047, 2048, 2049, 4095, 4096, 4097, 131072, 131073, 3000000;
put('empty', '');
put('dir/inner.txt', "inner\n");
put('dir/a/b/c/d/e/f/g/h/i/j/deep', 'deep');
put('Name with Blanks and UPPER.Case.tar.gz', 'x');
put(('long' x 50) . '.txt', 'long name');
put("many/f$_", $_) for 1 .. 300;
symlink 'dir', "$tree/link-to-dir";
symlink '../size-4096', "$tree/dir/up";
symlink '/absolute/target/' . ('x' x 200), "$tree/long-link";

my $iso = scratch() . '/tree.iso';
system("genisoimage -quiet -R -o $iso $tree") == 0 or die 'genisoimage';
differential(
    'iso',
    args        => ['/data'],
    native_args => [$tree],
    opts        => ['-b', "$iso,/data"]
);

done_testing();
