#!/usr/bin/perl
# What ci/full counts and measures with.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use File::Temp qw(tempdir);
use Html qw(duration size href line_chart);
use Measure qw(bisect median);
use Tap qw(phases machines);
use Test::More;

# ---- counts of tests, from real runs of prove ----

my $dir = tempdir(CLEANUP => 1);
sub test_file {
    my ($name, $text) = @_;
    my ($folder) = $name =~ m{^(.*)/};
    system('mkdir', '-p', "$dir/$folder");
    open(my $f, '>', "$dir/$name") or die;
    print $f "#!/usr/bin/perl\n$text";
}
test_file('a/good.t', 'select(undef, undef, undef, 0.3); print "ok 1\nok 2 # skip no\n1..2\n";');
test_file('a/also.t', 'print "ok 1\n1..1\n";');
test_file('b/bad.t', 'print "ok 1\nnot ok 2 - x\nnot ok 3 # TODO later\n1..3\n"; exit 1');
test_file('b/dies.t', 'print "ok 1\n1..1\n"; exit 3');
test_file('b/short.t', 'print "ok 1\n1..5\n";');
test_file('b/machines.t',
    'print "ok 1 - q35: libc\nnot ok 2 - mmio, no PIC: a b: net\nok 3 - q35: net\nnot ok 4 - pc: with disks\n1..4\n"; exit 1');
system("cd $dir && PERL_TEST_HARNESS_DUMP_TAP=$dir/tap prove --timer a/*.t b/*.t >log 2>&1");
my ($a, $b) = @{phases("$dir/tap", "$dir/log")};
is("$a->{name} $a->{result} $a->{programs} $a->{tests} $a->{failed}", 'a passed 2 3 0', 'a folder that passes');
is("$b->{name} $b->{result} $b->{programs} $b->{tests} $b->{failed}", 'b failed 4 9 3', 'one that fails');
is("@{$b->{bad}}", 'b/bad.t b/dies.t b/machines.t b/short.t', 'by failed tests, status, plan');
cmp_ok($a->{seconds}, '>', 0.2, 'its time');
is_deeply(machines("$dir/tap"), [
    {name => 'q35', tests => 2, failed => [], result => 'passed'},
    {name => 'mmio, no PIC: a b', tests => 1, failed => ['net'], result => 'failed'},
    {name => 'pc: with disks', tests => 1, failed => ['boot, serve, switch off'], result => 'failed'},
], 'machines');
is_deeply(phases("$dir/none", "$dir/none"), [], 'no tests at all');

# ---- figures ----

for my $least (1, 2, 7, 63, 64) {
    my $asked = 0;
    is(bisect(0, 64, sub { $asked++; $_[0] >= $least }), $least, "bisect finds $least");
    cmp_ok($asked, '<=', 7, 'soon');
}
is(median(5, 1, 9), 5, 'median');
is(median(), undef, 'of nothing');
is(duration(4.25), '4.2 s', 'seconds');
is(duration(59.6), '1 min 00 s', 'a minute');
is(duration(3725), '1 h 02 min', 'hours');
is(duration('x'), '', 'no number');
is(size(999) . size(610_000) . size(5_900_000), '999 B610 kB5.9 MB', 'sizes');
is(href('a b/c"?.log'), 'a%20b/c%22%3F.log', 'links');
unlike(line_chart('x', sub { $_[0] }, 0, 0, undef, 0), qr/nan|inf/i, 'a chart of zeros');
like(line_chart('x', sub { $_[0] }, undef, 5), qr/<circle/, 'a chart with a gap');
unlike(line_chart('x', sub { $_[0] }), qr/svg/, 'a chart of nothing');

done_testing();
