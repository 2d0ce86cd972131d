#!/usr/bin/perl
# What `make install' and `make dist' give, used as an operator does: unpacked
# elsewhere, with the tree out of reach.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../../scripts/test";
use PortTest;
use Test::More;

delete @ENV{grep { /^(MAKE|MFLAGS|RUMPRUN_|DESTDIR$|PREFIX$|RELOCATABLE$)/ } keys %ENV};
$ENV{XDG_RUNTIME_DIR} = "$scratch/run";
mkdir $ENV{XDG_RUNTIME_DIR};

my $said;

# Run it; what it says goes to $said, its status is returned.
sub status {
    my ($how, @words) = @_;
    my $g = start(['env', @$how, @words]);
    my $status = ended($g, 300);
    $said = slurp($g->{out}) . slurp($g->{err});
    return $status // stop($g);
}
sub make {
    my ($port, @words) = @_;
    return status([], 'bmake', '-C', "$top/packages/$port", 'CORE_READY=yes', @words);
}
sub refuses {
    my ($how, $words, $reason, $name) = @_;
    my $status = status($how, @$words);
    ok($status == 2 && $said =~ $reason, $name) or diag("status $status: $said");
}

# ---- archives ----

is(make('netcat', 'dist', "DISTS=$scratch/one"), 0, 'make dist') or diag($said);
my ($one) = glob "$scratch/one/rumprun-netcat-1.10-x86_64.tar.xz";
ok($one, 'named after package, version, processor') or BAIL_OUT('no archive');
{
    local $ENV{TZ} = 'Asia/Tokyo';
    my $mask = umask 077;
    is(make('netcat', 'dist', "DISTS=$scratch/two"), 0, 'another day, another place');
    umask $mask;
}
ok(slurp($one) eq slurp($one =~ s{/one/}{/two/}r), 'gives the same bytes');
my @list = split /\n/, output('tar', '--full-time', '-tvf', $one);
is((grep { !m{^\S+ 0/0 .* 2026-01-01 00:00:00 rumprun-netcat-1\.10-x86_64/} } @list), 0,
    'one folder, root\'s, one date') or diag(@list);
isnt(make('zlib', 'dist', "DISTS=$scratch/one"), 0, 'a library');
like($said, qr/zlib is a library .* nothing to run/, 'has nothing to run');

# ---- unpacked elsewhere ----

is(make('nginx', 'dist', "DISTS=$scratch/dist"), 0, 'nginx') or diag($said);
my $place = "$scratch/some place";
mkdir $place;
command('tar', '-C', $place, '-xf', glob "$scratch/dist/*.xz") or BAIL_OUT('tar');
my ($root) = glob "'$place/rumprun-nginx-'*";
my $run = "$root/bin/rumprun-nginx";

# The tree is empty for what runs in here, and so is everybody's home.
my @away = ('-m');
@away = ('-rm') if $> != 0;
my $hide = "mount -t tmpfs none '$build' && mount -t tmpfs none '$top/packages'";
my @hidden = ('unshare', @away, 'sh', '-c', "$hide && exec \"\$@\"", 'sh');
if (system("unshare @away sh -c \"$hide\" 2>/dev/null") != 0) {
    diag('no mount namespaces here: the tree can be seen');
    @hidden = ();
}
my @bare = ('-i', 'PATH=/usr/bin:/bin', 'HOME=/nonexistent',
    "XDG_RUNTIME_DIR=$ENV{XDG_RUNTIME_DIR}");

sub serve {
    my ($script, @settings) = @_;
    my $port = free_port();
    my $g = start(['env', @bare, "RUMPRUN_PUBLISH=127.0.0.1:$port:80", @settings,
            @hidden, $script]);
    my $page;
    until_true(120, sub {
        return 1 if defined ended($g, 0);
        $page = output('curl', '-s', '--max-time', 5, "http://127.0.0.1:$port/");
        return $? == 0;
    });
    return ($g, $page // '');
}
my $site = slurp("$top/packages/nginx/images/data/www/index.html");

my ($g, $page) = serve($run);
ok($site ne '' && $page eq $site, 'the run script serves the page') or show_console($g);
is(status(\@bare, $run, '--stop'), 0, '--stop') or diag($said);
is(ended($g, 30), 0, 'ends it well, which is no reason to start it again');
($g, $page) = serve($run, 'RUMPRUN_NAME=other', 'RUMPRUN_MEMORY=48');
is($page, $site, 'with settings of the environment') or show_console($g);
my ($guest) = grep { /\bother\b/ } split /\n/, output("$root/bin/rumprun", 'ps');
like($guest, qr/other .*\b48\b/, 'which the launcher beside it lists');
my ($qemu) = output("$root/bin/rumprun", 'ps', '--json') =~ /"hypervisor": *(\d+)/;
ok($qemu && kill('KILL', $qemu), 'a guest whose QEMU dies');
my $lost = ended($g, 30);
ok($lost, "ends badly ($lost), which systemd sees");

# ---- settings ----

my $conf = "$root/etc/rumprun/nginx.conf";
my $given = slurp($conf);
my %set = $given =~ /^#(RUMPRUN_\w+)=(.*)$/mg;
is($set{RUMPRUN_MEMORY}, 128, 'the settings file shows what is in force');
write_file($conf, "${given}RUMPRUN_MEMORY=32\n"
      . "RUMPRUN_ENV='A=\"b c\" D=e'\nRUMPRUN_OPTIONS=--cpu\\ qemu64\n");
is(status([], $run, '--print'), 0, '--print') or diag($said);
like($said, qr/-cpu qemu64 -m 32M/, 'settings are used');
like($said, qr/"A=b c".*"D=e"|"A":\s*"b c"/, 'and split into words as a shell does');
status(['RUMPRUN_MEMORY=40'], $run, '--print', '--', '-c', "it's here");
like($said, qr/-m 40M/, 'the environment comes first');
like($said, qr/nginx\.bin","-c","it's here"\]/, 'arguments replace those of the program');
refuses([], [$run, '-c', "$scratch/none"], qr/none: there is no such file/, 'no settings');
refuses(['RUMPRUN_ENV="x'], [$run], qr/RUMPRUN_ENV: the quotes do not match/, 'quotes');
refuses([], [$run, '--bogus'], qr/--bogus: there is no such option/, 'option');
write_file("$scratch/typo", "RUMPRUN_MEMROY=3\n");
refuses([], [$run, '-c', "$scratch/typo"], qr/typo: there is no setting RUMPRUN_MEMROY/,
    'a typing error in the settings');
write_file("$scratch/broken", "RUMPRUN_MEMORY='3\n");
refuses([], [$run, '-c', "$scratch/broken"], qr/broken cannot be read as shell/, 'broken ones');
refuses(['RUMPRUN_IMAGE=gone.bin'], [$run], qr/no image \S.*gone\.bin \(RUMPRUN_IMAGE\)/,
    'no image');
refuses(['RUMPRUN_BLOCKS=gone.iso,/data'], [$run], qr/no data image .*gone\.iso/,
    'no data image');
refuses(['RUMPRUN_MEMORY=lots'], [$run], qr/-M lots/, 'what the launcher refuses');
mkdir "$scratch/bin";
for my $tool (qw(sh readlink sed printf)) {
    my $path = output('sh', '-c', "command -v $tool") =~ s/\n//r;
    symlink $path, "$scratch/bin/$tool" if $path =~ m{^/};
}
refuses(["PATH=$scratch/bin"], ["$scratch/bin/sh", $run], qr/QEMU is missing/, 'no QEMU');
rename "$root/bin/rumprun", "$root/bin/away";
refuses([], [$run], qr/there is no launcher/, 'no launcher');
rename "$root/bin/away", "$root/bin/rumprun";
refuses([], [$run, '--unit'], qr/a unit cannot name .*some place/,
    'no unit for a path that it could not name');
rename $place, "$scratch/place";

# ---- make install ----

my $stage = "$scratch/stage";
my @to = ("DESTDIR=$stage", 'PREFIX=/srv/rumprun');
is(make('nginx', 'install', @to), 0, 'make install') or diag($said);
my $unit = slurp("$stage/srv/rumprun/lib/systemd/system/rumprun-nginx.service");
like($unit, qr{^ExecStart=/srv/rumprun/bin/rumprun-nginx$}m, 'its unit knows PREFIX');
unlike($unit, qr/\@\w+\@|\Q$stage\E/, 'and nothing else');
for my $file (qw(bin/rumpstop share/man/man1/rumprun.1 lib/rumprun/nginx/data.iso
    etc/rumprun/nginx.conf share/doc/rumprun/openssl/LICENSE.txt)) {
    ok(-e "$stage/srv/rumprun/$file", $file);
}
write_file("$stage/srv/rumprun/etc/rumprun/nginx.conf", "# mine\n");
is(make('nginx', 'install', @to), 0, 'again');
is(slurp("$stage/srv/rumprun/etc/rumprun/nginx.conf"), "# mine\n", 'settings stay');
like($said, qr/nginx\.conf stays; .*nginx\.conf\.new/, 'and it says so');
is(make('netcat', 'install', "DESTDIR=$stage", 'PREFIX=/usr'), 0, 'PREFIX=/usr');
ok(-e "$stage/etc/rumprun/netcat.conf", 'has its settings in /etc');
isnt(make('netcat', 'install', "DESTDIR=$scratch", 'PREFIX=here'), 0, 'PREFIX=here');
like($said, qr/PREFIX=here: it must be an absolute path/, 'is refused');

# ---- the unit ----

($run) = glob "$scratch/place/*/bin/rumprun-nginx";
$unit = output($run, '--unit');
my ($exec) = $unit =~ /^ExecStart=(.*)$/m;
($g, $page) = serve($exec);
is($page, $site, 'what ExecStart says serves the page') or show_console($g);
my ($end) = $unit =~ /^ExecStop=(.*)$/m;
is(status(\@bare, split ' ', $end), 0, 'and what ExecStop says');
is(ended($g, 30), 0, 'ends it');
SKIP: {
    skip 'no systemd here', 1 unless -x '/usr/bin/systemd-analyze';
    write_file("$scratch/rumprun-nginx.service", $unit);
    is(status([], 'systemd-analyze', 'verify', '--man=no',
            "$scratch/rumprun-nginx.service") . $said, '0', 'systemd-analyze verify');
}

done_testing();
