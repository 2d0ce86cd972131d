#!/usr/bin/perl
# The chart: where its bars begin and end.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;
use Bench::Chart qw(chart);
use Bench::Results;

my @rows = (
    {name => 'a', title => 'less <is> better', unit => {cpu => 'ms'},
        better => 'less', target => {text => '5', limit => sub { 5 }}},
    {name => 'b', title => 'more is better', unit => {cpu => '/s'},
        better => 'more'},
    {name => 'c', title => 'only ours', unit => {cpu => '/s'},
        better => 'more'},
);
my $r = Bench::Results->new({date => 'd', commit => 'c & d',
    accelerator => 'tcg', network => 'tap'});
is(chart($r, \@rows), undef, 'nothing measured, no chart');
$r->add('a', 'rumprun', $_, {cpu => 10 + $_}) for -1 .. 1;
$r->add('a', 'linux', 0, {cpu => 100});
$r->add('b', 'rumprun', 0, {cpu => 50});
$r->add('b', 'linux', 0, {cpu => 100});
$r->add('c', 'rumprun', 0, {cpu => 50});

my $bar = Bench::Chart::bar($r, $rows[0], \@rows);
is($bar->{value}, 10, 'ten times better');
is(sprintf('%.2f-%.2f', @$bar{qw(low high)}), '9.09-11.11', 'its range');
is($bar->{target}, 20, 'the target is twice as good');
is($bar->{reached}, 0, 'and not reached');
is(Bench::Chart::bar($r, $rows[1], \@rows)->{value}, 0.5, 'half as good');
is_deeply([Bench::Chart::ticks(0.4, 12)], [0.5, 1, 2, 5, 10], 'ticks');

my $svg = chart($r, \@rows);
like($svg, qr{^<svg .*</svg>\n\z}s, 'SVG');
like($svg, qr/less &lt;is&gt; better/, 'titles are text');
like($svg, qr/commit c &amp; d/, 'and so are facts');
unlike($svg, qr/only ours/, 'no bar without both guests');
my ($one) = $svg =~ /class="one" x1="([\d.]+)"/;
my ($more, $width) = $svg =~ /class="more" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"/;
my ($fewer, $back) = $svg =~ /class="fewer" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"/;
is($more, $one, 'what is better begins at 1');
cmp_ok(abs($fewer + $back - $one), '<', 0.11, 'what is worse ends there');
# On a logarithmic axis ten times is log 10 / log 2 as far as half.
cmp_ok(abs($width / $back - log(10) / log(2)), '<', 0.02, 'lengths');
my %open;
while ($svg =~ m{<(/?)(\w+)[^>]*?(/?)>}g) {
    $open{$2} += $1 ? -1 : $3 ? 0 : 1;
}
is_deeply([grep { $open{$_} } sort keys %open], [], 'every element ends');

done_testing();
