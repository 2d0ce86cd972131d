# Runs the bench once, and checks that every row gives a figure.  No figure is
# judged: that is for people.
package Smoke;
use strict;
use warnings;
use Exporter 'import';
use FindBin;
use lib "$FindBin::Bin/../lib", "$FindBin::Bin/../bench/lib";
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use Bench::Plan;
use Bench::Results;
use Test::More;

our @EXPORT = qw(smoke);

my $bench = abs_path(dirname(__FILE__) . '/..') . '/bench';

# guests: kinds; only: rows or their beginnings, or all.
sub smoke {
    my ($guests, @only) = @_;
    my $to = tempdir(CLEANUP => 1);
    local %ENV = (%ENV, RUNS => 1, SECONDS => 1, ONLY => "@only",
        GUESTS => "@$guests", RESULTS => $to, BASE => '');
    my $said = qx{$bench 2>&1};
    is($? >> 8, 0, 'the bench ends well') or diag($said);
    my $r = eval { Bench::Results->read("$to/results.json") };
    ok($r, 'there are results') or diag($@), return;
    my $want = Bench::Plan::select_rows(@only);
    for my $s (Bench::Plan::scenarios()) {
        for my $row (grep { $want->{$_->{name}} } @{$s->{rows}}) {
            for my $guest (Bench::Plan::order($s,
                    {map { $_ => 1 } @$guests}, 0)) {
                for my $what (sort keys %{$row->{unit}}) {
                    my $f = $r->figure($row->{name}, $guest, $what);
                    cmp_ok($f ? $f->{median} : 0, '>', 0,
                        "$row->{name}, $guest, $what");
                }
            }
        }
    }
    like($said, qr/^\| figure \| unit \|/m, 'there is a table');
    ok(-s "$to/table.md", 'and kept');
    my $both = 2 == grep { /^(?:rumprun|linux)$/ } @$guests;
    is(-e "$to/chart.svg" ? 1 : 0, $both ? 1 : 0,
        $both ? 'there is a chart' : 'no chart of one guest');
    return $r;
}

1;
