# Runs of prog/stress.c: everything at once, from a seed.
package Stress;
use strict;
use warnings;
use Exporter 'import';
use File::Path qw(make_path);
use Guest;
use Test::More;

our @EXPORT = qw(stress);

# A file on a disk that is as large as a small guest's memory, so that pages are
# reclaimed all the time.  Each page is filled with its own number.
my $pages = 8192;
my ($tree, $iso);

sub disk {
    return if $iso;
    $tree = scratch() . '/stress';
    make_path($tree);
    open(my $f, '>:raw', "$tree/pages") or die;
    print $f pack('Q<', $_) x 512 for 0 .. $pages - 1;
    close $f or die;
    $iso = "$tree.iso";
    system("genisoimage -quiet -R -o $iso $tree") == 0 or die 'genisoimage';
}

# Its output, which depends on the arguments alone, must be as on Linux; what it finds
# it says on standard error, with the arguments that do it again.
sub stress {
    my ($what, $args, %o) = @_;
    my @options = ('-s', $o{seed}, @$args, '-f');

    disk();
    subtest "$what: @options[0 .. $#options - 1]" => sub {
        differential('stress', %o, args => [@options, '/data/pages'],
            native_args => [@options, "$tree/pages"], opts => ['-b', "$iso,/data"]);
    };
}

1;
