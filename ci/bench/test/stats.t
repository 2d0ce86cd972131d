#!/usr/bin/perl
# Medians, spreads, targets and the table, from figures known beforehand.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use File::Temp qw(tempdir);
use Test::More;
use Bench::Plan;
use Bench::Results;
use Bench::Stats qw(median spread);
use Bench::Table qw(number table);

is(median(), undef, 'median of nothing');
is(median(7), 7, 'median of one');
is(median(9, 10, 1), 9, 'median: by size, not by spelling');
is(median(4, 1, 3, 2), 2.5, 'median of an even number');
is(spread(undef), undef, 'spread of no figure');
is_deeply(spread(3, undef, 1, 2), {median => 2, min => 1, max => 3, n => 3},
    'spread');

is(number(0.12345), '0.123', 'number below one');
is(number(1.2345), '1.23', 'number below ten');
is(number(12.345), '12.3', 'number below a hundred');
is(number(123456.7), '123457', 'number above');

my @rows = (
    {name => 'a', title => 'Row a', unit => {cpu => 'ms CPU', wall => 'ms'},
        better => 'less', target => {text => 'trivial guest + 10 ms',
            limit => sub { $_[0]->('a', 'trivial') + 10 }}},
    {name => 'b', title => 'Row b', unit => {cpu => 'per CPU s'},
        better => 'more', target => {text => '2.5 x the Linux guest',
            limit => sub { 2.5 * $_[0]->('b', 'linux') }}},
    {name => 'c', title => 'Row c', unit => {value => 'KB'},
        better => 'less', target => {text => '120 KB', limit => sub { 120 }}},
    {name => 'd', title => 'Row d', unit => {wall => 'ms'}, better => 'less'}
);
my %facts = (date => 'today', commit => 'x', qemu => 'q', accelerator => 'tcg',
    network => 'tap', cpus => 2, cpu => 'p', load => 1, packages => {});

sub results {
    my ($factor) = @_;
    my $r = Bench::Results->new({%facts});
    for my $run (0 .. 2) {
        $r->add('a', 'rumprun', $run, {cpu => $factor * (60 + $run), wall => 70});
        $r->add('a', 'linux', $run, {cpu => 2000 - $run, wall => 2500});
        $r->add('a', 'trivial', $run, {cpu => 55, wall => 56});
        $r->add('b', 'rumprun', $run, {cpu => 2499});
        $r->add('b', 'linux', $run, {cpu => 1000});
    }
    $r->add('c', 'rumprun', 0, {value => 120});
    return $r;
}

my $r = results(1);
is_deeply($r->target($rows[0], \@rows),
    {text => 'trivial guest + 10 ms', limit => 65, reached => 1},
    'target: less than another guest and something');
is($r->target($rows[1], \@rows)->{reached}, 0, 'target: not enough');
is($r->target($rows[2], \@rows)->{reached}, 1, 'target: just so');
is($r->target($rows[3], \@rows), undef, 'no target');
{
    my $alone = Bench::Results->new({%facts});
    $alone->add('b', 'rumprun', 0, {cpu => 10});
    is_deeply($alone->target($rows[1], \@rows),
        {text => '2.5 x the Linux guest'},
        'target: nothing to compare with, nothing reached');
}

my $dir = tempdir(CLEANUP => 1);
$r->write("$dir/r.json");
my $again = Bench::Results->read("$dir/r.json");
is_deeply($again->{samples}, $r->{samples}, 'written and read');
for my $bad ('no json', '[]', '{"samples": [], "format": 99}') {
    open(my $f, '>', "$dir/bad.json") or die;
    print $f $bad;
    close $f;
    ok(!eval { Bench::Results->read("$dir/bad.json") }, "refused: $bad");
    like($@, qr{bad\.json: }, 'the sentence names the file');
}
ok(!eval { Bench::Results->read("$dir/none.json") }, 'refused: no file');

my $text = table($r, \@rows);
like($text, qr/^\| Row a \(`a`\) \| ms CPU \| 61\.0 \(60\.0-62\.0\) \| 1999 \(1998-2000\) \| 32\.77 \| trivial guest \+ 10 ms: 65\.0 \| reached \|$/m,
    'table: a row');
like($text, qr/^\|  \| ms \| 70\.0 \| 2500 \| 35\.71 \|  \|  \|$/m,
    'table: its wall time');
like($text, qr/Row b .* 2\.50 \| .*: 2500 \| \*\*not reached\*\* \|$/m,
    'table: not reached, though it looks so');
unlike($text, qr/Row d/, 'table: nothing of what was not measured');
like($text, qr/a 55\.0 ms CPU/, 'table: the trivial guest');
like(table($r, \@rows, results(2)), qr/Row a .* \| 122 \(120-124\) \| 2\.00 \|$/m,
    'table: compared with earlier');
{
    my $both = results(1);
    $both->add('a', 'ring3', 0, {cpu => 122, wall => 140});
    like(table($both, \@rows), qr/Row a .* \| reached \| 122 \| 0\.50 \|$/m,
        'table: ring 3, half as good as ring 0');
}
$r->add_failure('a', 'linux', 0, "no page\n  console");
like(table($r, \@rows), qr/^- a, linux, run 1: no page$/m, 'table: failures');

my %seen;
$seen{$_->{name}}++ for Bench::Plan::rows();
is_deeply([grep { $seen{$_} > 1 } keys %seen], [], 'names of rows differ');
is_deeply([sort keys %{Bench::Plan::select_rows('nginx-keep', 'size')}],
    [qw(nginx-keep-1 nginx-keep-16 nginx-keep-64 size-hello)], 'ONLY');
ok(!eval { Bench::Plan::select_rows('nginx-k') }, 'ONLY: half a word');
like($@, qr/there is no row 'nginx-k'/, 'and the sentence');
is_deeply([map { join ' ', Bench::Plan::order({guests => [qw(a b c)]},
            {a => 1, c => 1}, $_) } 0 .. 2], ['a c', 'c a', 'a c'],
    'guests take turns');

done_testing();
