#!/usr/bin/perl
# The status page on hand-made histories.  A browser looks at it at night:
# ci/nightly/page.t.
use strict;
use warnings;
use utf8;
use FindBin;
use lib $FindBin::Bin, "$FindBin::Bin/../lib";
use File::Temp qw(tempdir);
use Histories qw(run save sample);
use Record qw(read_record write_record prune_history outcome);
use Test::More;

my $scratch = tempdir(CLEANUP => 1);
my $n = 0;

# Its page; every page is looked at for balance and for links.
sub page {
    my ($what, @runs) = @_;
    my $dir = "$scratch/" . $n++;
    save($dir, @runs);
    is(system("$FindBin::Bin/../status", $dir), 0, "$what: a page");
    my $index;
    for my $file (glob "$dir/*.html") {
        open(my $f, '<:encoding(UTF-8)', $file) or die;
        my $html = do { local $/; <$f> };
        my $name = $file =~ s{.*/}{}r;
        balanced($html, "$what: $name");
        links($html, $dir, "$what: $name");
        ok($html !~ m/<script|\bon\w+=|https?:/, "$what: $name needs nothing else");
        $index = $html if $name eq 'index.html';
    }
    return ($index, $dir);
}

# Without the whole page when it is not so.
sub has { my ($html, $re, $what) = @_; ok($html =~ $re, $what) or diag("no $re") }

# Every element that is opened is closed, in the right order.
sub balanced {
    my ($html, $what) = @_;
    my (@open, $wrong);
    $html =~ s{^<!DOCTYPE html>\n}{} or $wrong = 'no doctype';
    $html =~ s{<style>.*?</style>}{}s;
    while ($html =~ m{<(/?)(\w+)((?:\s+[\w-]+(?:="[^"<>]*")?)*)\s*(/?)>|(<|>)}g) {
        $wrong = "a stray $5 before: " . substr($html, pos($html), 40), last if $5;
        next if $4 || $2 =~ /^(?:meta|link)$/;
        if (!$1) {
            push @open, $2;
        } elsif (($open[-1] // '') eq $2) {
            pop @open;
        } else {
            $wrong = "</$2> in <" . ($open[-1] // '') . '>';
            last;
        }
    }
    is($wrong // "@open", '', "$what is well-formed");
}

sub links {
    my ($html, $dir, $what) = @_;
    my @gone = grep { !/^data:/ && !-e "$dir/$_" }
      map { s/%(..)/chr hex $1/ger } $html =~ /href="([^"]*)"/g;
    is("@gone", '', "$what: all links lead somewhere");
}

# ---- none, one, many ----

my ($html) = page('empty');
has($html, qr/No run yet/, 'empty: says so');
($html, my $dir) = page('one', run(1));
has($html, qr/Everything passes/, 'one: the state');
has($html, qr{nginx <small>1\.26\.3</small>}, 'one: package and version');
has($html, qr{data-label="Image size"><span>5\.9 MB}, 'one: image size');
has($html, qr{data-label="Least memory"><span>8 MiB}, 'one: least memory');
has($html, qr{data-label="First answer"><span>332 ms}, 'one: first answer');
has($html, qr{data-label="Build time"><span>49 s}, 'one: build time');
has($html, qr{href="logs/20261001-0600/nginx\.log"}, 'one: log');
has($html, qr{href="history/20261001-0600\.json"}, 'one: its data');
has($html, qr{core/test/guest.*12000.*Machines.*microvm}s, 'one: tests and machines');
for my $name (qw(netcat zlib)) {
    my ($row) = $html =~ m{(<tr><th scope="row">$name .*?</tr>)};
    has($row, qr{href="logs/20261001-0600/$name\.log"}, "one: $name has its own log");
}
($html) = page('month', sample());
has($html, qr/Something fails.*Failed: netcat, test, microvm/s, 'month: what fails, on top');
has($html, qr{netcat.*<small>build failed: see the log</small>}s, 'month: why');
has($html, qr{microvm<small>sockets</small>}, 'month: which machine');
has($html, qr{badge interrupted.*interrupted}, 'month: an interrupted run shows as such');
has($html, qr{<polyline points="[\d., ]+"/>}, 'month: charts');
is(() = $html =~ m{<tr><th scope="row">(?:<a href="2026|2026)}g, 24, 'month: every run is listed');

# ---- states ----

is(outcome({state => 'finished', result => 'passed'}), 'passed', 'passed');
is(outcome({state => 'finished'}), 'failed', 'finished without a result failed');
is(outcome({state => 'running', pid => $$, pid_start => 'no'}), 'interrupted',
    'another process of that number');
is(outcome({state => 'running', pid => $$, pid_start => Record::process_start($$)}), 'running', 'running');
my $r = run(1);
@$r{qw(state at)} = ('running', 'make test');
delete $r->{result};
($html) = page('interrupted', $r);
has($html, qr/The run was interrupted.*It came as far as: make test/s, 'the page says how far it came');

# ---- hostile ----

my $evil = q{<script>alert("1")</script>'&amp;} . "\x{0}\x{1f600}\x{e4}";
$r = run(2);
$r->{packages}[0]{$_} = $evil for qw(name version why result);
$r->{steps}[0]{$_} = $evil for qw(name what why);
$r->{steps}[1]{phases}[0]{$_} = $evil for qw(name seconds tests);
$r->{steps}[1]{phases}[0]{bad} = [$evil];
$r->{machines}[0]{$_} = $evil for qw(name tests);
$r->{commit}{$_} = $evil for qw(id subject);
$r->{host}{$_} = $evil for qw(system cpu qemu);
$r->{packages}[1]{$_} = $evil for qw(boot_ms stripped_bytes least_memory_mib build_seconds);
$r->{seconds} = $r->{begin} = $evil;
my $odd = run(3);
$odd->{packages}[0]{log} = '../../../etc/passwd';
$odd->{packages} = [@{$odd->{packages}}, undef, 'text', []];
$odd->{steps} = {not => 'a list'};
($html, $dir) = page('hostile', $r, $odd);
ok($html !~ m{etc/passwd}, 'a log elsewhere is no link');
open(my $f, '<:encoding(UTF-8)', "$dir/20261002-0600.html") or die;
$html = do { local $/; <$f> };
has($html, qr{&lt;script&gt;alert\(&quot;1&quot;\)&lt;/script&gt;&#39;&amp;amp;}, 'markup is text');
has($html, qr{\x{fffd}\x{1f600}\x{e4}}, 'characters stay what they are, or become U+FFFD');

# ---- files ----

mkdir "$scratch/odd";
mkdir "$scratch/odd/history";
for my $text ('', '{', '[]', 'null', "\xff") {
    open($f, '>:raw', "$scratch/odd/history/1.json") or die;
    print $f $text;
    close $f;
    is(system("$FindBin::Bin/../status", "$scratch/odd"), 0, 'a damaged record');
    open($f, '<', "$scratch/odd/index.html") or die;
    like(do { local $/; <$f> }, qr/cannot be read/, 'shows as such');
}
write_record("$scratch/odd/history/2.json", {state => 'finished', result => 'passed'});
is(read_record("$scratch/odd/history/2.json")->{result}, 'passed', 'written and read');
isnt(system("$FindBin::Bin/../status $scratch/nowhere 2>/dev/null"), 0, 'no directory');

{
    no warnings 'once';
    local ($Record::KEEP_RUNS, $Record::KEEP_LOGS) = (4, 2);
    save("$scratch/old", map { run($_) } 1 .. 6);
    prune_history("$scratch/old");
}
is(() = glob("$scratch/old/history/*.json"), 4, 'old records go');
is(() = glob("$scratch/old/logs/*"), 2, 'old logs go earlier');

done_testing();
