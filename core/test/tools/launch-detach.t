#!/usr/bin/perl
# rumprun without -i; ps, logs, stop; crash reports with names.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Tools;

stub_image('all', 'hw_generic');

sub launch {
    my ($words, @options) = @_;
    return run([$rumprun, 'qemu', @options, '--', 'all.bin', @$words]);
}
sub ps { return @{json(run([$rumprun, 'ps', '--json', @_])->{out})} }
sub entry {
    my ($name) = @_;
    return (grep { $_->{name} eq $name } ps('-a'))[0];
}

# ---- a guest that stays ----

my $r = launch(['out', 'hang'], '-N', 'one', '--publish', '127.0.0.1:0:80');
is("$r->{status} $r->{out}", "0 one\n", 'its name is printed') or diag($r->{err});
is($r->{err}, '', 'and nothing else');
my ($e) = ps();
is("$e->{name} $e->{platform} $e->{memory}", 'one qemu 64', 'ps --json');
like($e->{image}, qr{^/.*/all\.bin$}, 'with the image\'s path');
ok($e->{running} && $e->{ports}[0]{port} > 0 && $e->{ports}[0]{guest} == 80,
    'running, with its ports');
my $table = run([$rumprun, 'ps'])->{out};
like($table, qr/^NAME.*\none .* running .*127\.0\.0\.1:\d+->80\/tcp$/m, 'ps');
isnt(`ps -o sid= -p $e->{pid}`, `ps -o sid= -p $$`, 'the supervisor has its own session');
like(run([$rumprun, 'logs', 'one'])->{out}, qr/output\n/, 'logs');
$r = launch([], '-N', 'one');
ok($r->{status} == 2 && $r->{err} =~ /-N one: a guest of that name is running/,
    'its name is taken');
my $follower = background([$rumprun, 'logs', '-f', 'one'], out => "$scratch/followed");
ok(wait_for(sub { (slurp("$scratch/followed") || '') =~ /output/ }), 'logs -f');
$r = run([$rumprun, 'stop', '--time', '1', 'one']);
is("$r->{status}$r->{err}", '0', 'stop');
is(entry('one')->{text}, 'killed by rumprun', 'it did not stop by itself');
is(waitpid($follower, 0), $follower, 'logs -f ends with the guest');
is(scalar ps(), 0, 'ps lists it no more');
is(run([$rumprun, 'stop', 'one'])->{status}, 0, 'stopping it again is no error');
like(run([$rumprun, 'logs', 'one'])->{out}, qr/output\n/, 'its logs stay');

symlink($rumprun, 'rumpstop');
my $name = launch(['hang'])->{out};
like($name, qr/^all-\d+\n$/, 'a name is made up');
chomp $name;
is(run(["$scratch/rumpstop", '-t', '0', $name])->{status}, 0, 'rumpstop');
ok(!entry($name)->{running}, 'stops it');

launch(['hang'], '-N', "many$_") for 1, 2;
is(run([$rumprun, 'stop', '-t0', 'many1', 'many2'])->{status}, 0, 'stop several');
is(scalar ps(), 0, 'all gone');

# ---- one that does not stay ----

$r = launch(['panic'], '-N', 'short');
is($r->{status}, 120, 'death right at the start is reported');
like($r->{err}, qr/program all.*short ended at once: kernel panic/s,
    'with the console and the cause');
$r = launch(['exit=4'], '-N', 'short');
ok($r->{status} == 4 && $r->{err} =~ /ended at once: exit 4/, 'failure, too');
$r = launch(['exit=0'], '-N', 'short', '--status-file', 'st.json');
is("$r->{status} $r->{out}", "0 short\n", 'a short success is none');
is(json(slurp('st.json'))->{cause}, 'exit', '--status-file');

# ---- supervisor killed ----

launch(['hang'], '-N', 'orphan');
$e = entry('orphan');
kill 'KILL', $e->{pid};
ok(wait_for(sub { !-d "/proc/$e->{hypervisor}"
          || slurp("/proc/$e->{hypervisor}/stat") =~ /\) Z/ }),
    'QEMU dies with its supervisor');
is(entry('orphan')->{state}, 'lost its supervisor', 'which ps tells');
$r = launch(['hang'], '-N', 'orphan');
is($r->{status}, 0, 'the name is free again');
run([$rumprun, 'stop', '-t0', 'orphan']);

# ---- output is kept within bounds ----

launch(['flood'], '-N', 'flood');
my $dir = "$ENV{XDG_RUNTIME_DIR}/rumprun/flood";
# Between the two there is a moment without a console.
ok(wait_for(sub { -s "$dir/console.1" && (-s "$dir/console" // 0) > 1000 }),
    'output is rotated');
run([$rumprun, 'stop', '-t0', 'flood']);
ok((-s "$dir/console") + (-s "$dir/console.1") < 3 << 20, 'and bounded');
ok(length(run([$rumprun, 'logs', 'flood'])->{out}) > 1 << 20, 'logs has both');
is((stat $dir)[2] & 0777, 0700, 'for us alone');

launch([], '-i') for 1 .. 40;
ok((() = ps('-a')) <= 34, 'guests of long ago are forgotten');

# In a container that has the directory, too: a guest from outside has no number there.
SKIP: {
    my @apart = ('unshare', '-pf');
    skip 'no PID namespace may be made here', 4 if run([@apart, 'true'])->{status} != 0;
    launch(['hang'], '-N', 'outside');
    run([@apart, 'sh', '-c', 'for i in $(seq 40); do "$0" qemu -i all.bin; done', $rumprun]);
    ok(-d "$ENV{XDG_RUNTIME_DIR}/rumprun/outside", 'it is not forgotten for those inside');
    like(run([@apart, $rumprun, 'ps'])->{out}, qr/^outside +0 .* running /m, 'ps inside');
    $r = run([@apart, $rumprun, 'stop', 'outside']);
    is($r->{status}, 1, 'it is not stopped from there');
    like($r->{err}, qr/cannot stop outside: it was started in another PID namespace/, 'why');
    run([$rumprun, 'stop', '-t0', 'outside']);
}

# ---- crash reports ----

program('prog', flags => ['-static', '-g']);
stub_image('prog', 'hw_generic');
my ($start) = run(['nm', 'prog'])->{out} =~ /^0*([0-9a-f]+) T _start$/m;
my $at = sprintf 'at@prog+0x%x', hex($start) + 2;
$r = run([$rumprun, 'qemu', '-i', 'prog.bin', $at]);
like($r->{err}, qr/#0 0x[0-9a-f]{16} kernel: stub_main\+0x4 \(.*guest\.c:\d+\)$/m,
    'a kernel address gets function, file and line');
like($r->{err}, qr/#1 0x[0-9a-f]{16} prog\+0x[0-9a-f]+: _start\+0x2 \(.*prog\.S:\d+\)$/m,
    'so does one of the program') or diag($r->{err});
$r = run([$rumprun, 'qemu', '-i', 'prog.bin', 'at@other+0x1000']);
like($r->{err}, qr/other\+0x1000$/m, 'an unknown program is left alone');
rename 'prog.bin', 'moved.bin';
run(['strip', 'moved.bin']);
$r = run([$rumprun, 'qemu', '-i', 'moved.bin', $at]);
like($r->{err}, qr/ kernel$/m, 'a stripped image has no names');

done_testing();
