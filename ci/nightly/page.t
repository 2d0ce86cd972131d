#!/usr/bin/perl
# The status page in a real browser: Chromium without a window, which this test
# installs where it is missing and may be installed.  What it draws is left in
# build/test/page-*.png, to be looked at.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../test", "$FindBin::Bin/../lib";
use File::Temp qw(tempdir);
use Histories qw(run save sample);
use Test::More;

sub browser { return (grep { -x } map { "/usr/bin/$_" } qw(chromium chromium-browser))[0] }

if (!browser() && $> == 0) {
    system('apt-get -q update >/dev/null 2>&1; DEBIAN_FRONTEND=noninteractive '
          . 'apt-get -q install -y --no-install-recommends chromium >/dev/null 2>&1 </dev/null');
}
my $browser = browser();
# Without it nothing was tested: that is no success.
if (!$browser) {
    fail('Chromium is missing, and could not be installed (package chromium)');
    done_testing();
    exit;
}

my $scratch = tempdir(CLEANUP => 1);
my $shots = ($ENV{BUILDDIR} // "$FindBin::Bin/../../build") . '/test';
system('mkdir', '-p', $shots);

# What it says on standard output, and its messages.
sub chromium {
    my (@options) = @_;
    # As root there is no sandbox; what it opens is ours.
    my @words = ($browser, '--headless', '--no-sandbox', '--disable-gpu', '--no-first-run',
        '--disable-dev-shm-usage', "--user-data-dir=$scratch/profile", '--hide-scrollbars',
        '--enable-logging=stderr', @options);
    my $pid = open(my $f, '-|') // die "fork: $!";
    if (!$pid) {
        open(STDERR, '>', "$scratch/said") or die;
        exec 'timeout', 300, @words or die;
    }
    binmode $f, ':encoding(UTF-8)';
    my $out = do { local $/; <$f> } // '';
    close $f;
    open(my $e, '<', "$scratch/said") or die;
    my $said = do { local $/; <$e> } // '';
    return ($out, $said, $?);
}

# Width and height of a PNG image: PNG (third edition), 11.2.1.
sub png_size {
    my ($path) = @_;
    open(my $f, '<:raw', $path) or return '';
    read $f, my $head, 24;
    return '' unless $head =~ /^\x89PNG\r\n\x1a\n/;
    return join 'x', unpack 'x16 NN', $head;
}

my $evil = q{<img src=x onerror="console.log(1);document.title='owned'">};
my $hostile = run(2);
$hostile->{packages}[0]{name} = $hostile->{commit}{subject} = $evil;
my %pages = (empty => [], month => [sample()], hostile => [$hostile]);
for my $what (sort keys %pages) {
    my $dir = "$scratch/$what";
    save($dir, @{$pages{$what}});
    is(system("$FindBin::Bin/../status", $dir), 0, "$what: a page");
    my $url = "file://$dir/index.html";
    my ($dom, $said, $status) = chromium('--dump-dom', $url);
    is($status, 0, "$what: the browser shows it") or diag($said);
    unlike($said, qr/CONSOLE/, "$what: nothing on its console");
    ok($dom =~ m{<title>rumprun builds: [\w ]+</title>}, "$what: title");
    ok($dom =~ m{<div class="state \w+" role="status">}, "$what: the state on top");
    ok($dom !~ /<img|<script/, "$what: no elements but ours");
    # What the browser makes of the text is what we wrote: it repaired nothing.
    is(() = $dom =~ /<table>/g, () = $dom =~ m{</table></div>}g, "$what: tables");
    for my $path ($dom =~ /href="([^"]*)"/g) {
        next if $path =~ /^data:/;
        ok(-e "$dir/" . $path =~ s/%(..)/chr hex $1/ger, "$what: $path is there");
    }
}

my ($dom) = chromium('--dump-dom', "file://$scratch/month/index.html");
is(() = $dom =~ /<polyline points="[\d., ]+"><\/polyline>/g, 13, 'charts are there');
for my $v (['light', 1, 1280, 1600], ['dark', 0, 1280, 1600], ['phone', 1, 500, 2600]) {
    my ($name, $scheme, $width, $height) = @$v;
    my $shot = "$shots/page-$name.png";
    unlink $shot;
    chromium("--window-size=$width,$height", "--blink-settings=preferredColorScheme=$scheme",
        "--screenshot=$shot", "file://$scratch/month/index.html");
    is(png_size($shot), "${width}x$height", "$name: a screenshot");
    cmp_ok(-s $shot, '>', 30_000, "$name: which is not empty");
}
isnt(-s "$shots/page-dark.png", -s "$shots/page-light.png", 'dark is another picture');

done_testing();
