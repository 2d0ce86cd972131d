#!/usr/bin/perl
# rumprun -i: channels, exit status, signals; the stub boots on every machine.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);
use Tools;

stub_image('all', 'hw_generic');
stub_image('serial', 'hw_minimal', '-m', 'remove virtio_console');
iso('data.iso');
iso('with,comma.iso');

sub guest {
    my ($words, @options) = @_;
    return run([$rumprun, 'qemu', '-i', @options, '--', 'all.bin', @$words]);
}

# ---- machines ----

for my $machine (qw(pc q35 microvm)) {
    my $r = guest(['dump', 'out'], '--machine', $machine, '-M', '32', '-e', 'A=b',
        '-I', 'x,xenif', '-W', 'x,inet,static,10.0.120.120/24', '-I', 'y,vioif',
        '-W', 'y,inet6,static,fd00:1::5/64', '-W', 'y,inet,dhcp',
        '-b', 'data.iso,/data', '-b', 'with,comma.iso',
        '--publish', '127.0.0.1:0:80', '--publish', '127.0.0.1:0:53/udp');
    is($r->{status}, 0, "$machine: QEMU takes the whole command line")
      or diag($r->{err});
    is($r->{out}, "output\n", "$machine: output, no carriage returns");
    like($r->{err}, qr/^\{"cmdline":\["all\.bin","dump","out"\],"env":\["A=b"\]/m,
        "$machine: the document reaches the guest");
    unlike($r->{err}, qr/rumprun-status/, "$machine: the status line is swallowed");
}
is(guest([], '-M', '4')->{status}, 0, '4 MiB');
is(guest([], '--cpu', $_)->{status}, 0, "--cpu $_") for qw(qemu64 Nehalem EPYC);

# ---- how it ended ----

my @ends = (
    ['exit=0', 0, 'exit', 'exit 0'],
    ['exit=3', 3, 'exit', 'exit 3'],
    ['exit=255', 255, 'exit', 'exit 255'],
    ['exit=120', 120, 'exit', 'exit 120'],
    ['signal=11', 139, 'signal', 'signal 11 (Segmentation fault)'],
    ['panic', 120, 'panic', 'kernel panic'],
    ['oom', 121, 'oom', 'out of memory'],
    ['triple', 120, 'none', 'ended without a status (guest reset?)'],
);
for (@ends) {
    my ($word, $status, $cause, $text) = @$_;
    my $r = guest([$word], '--status-file', 'st.json', '-N', 'end');
    is($r->{status}, $status, "$word: exit status $status");
    my $j = json(slurp('st.json'));
    is("$j->{name} $j->{cause} $j->{status} $j->{text}",
        "end $cause $status $text", "$word: status file");
    my ($line) = grep { /^end / } split /\n/, run([$rumprun, 'ps', '-a'])->{out};
    like($line, qr/\Q$text\E/, "$word: in ps -a");
    if ($cause eq 'exit') {
        unlike($r->{err}, qr/rumprun: end/, "$word: nothing to say about it");
    } else {
        like($r->{err}, qr/^rumprun: end: \Q$text\E$/m, "$word: said at the end");
    }
}
my $r = guest(['spoof', 'exit=1']);
is($r->{status}, 1, 'only the last status line counts');
like($r->{err}, qr/^rumprun-status: exit 9\nrumprun: not the end$/m,
    'others are output');

# ---- standard input and output, by way of COM1 ----

srand(7);
my $bytes = join '', map { chr(5 + int rand 250) } 1 .. 40000;
spew('in', "$bytes\4");
$r = run([$rumprun, 'qemu', '-i', 'serial.bin', 'echo'], stdin_file => 'in');
ok($r->{out} eq $bytes, '40 000 bytes there and back');
system("'$rumprun' qemu -i serial.bin echo <in 2>/dev/null | { sleep 2; cat; } >slow");
ok(slurp('slow') eq $bytes, 'with a reader that is slow');
my $start = clock_gettime(CLOCK_MONOTONIC);
$r = run(['sh', '-c', "'$rumprun' qemu -i all.bin flood 2>/dev/null | head -c 5"]);
is($r->{out}, 'xxxxx', 'a reader that goes away ends the guest');
ok(clock_gettime(CLOCK_MONOTONIC) - $start < 60, 'in time');

# ---- signals ----

sub hanging {
    my (@options) = @_;
    unlink "$scratch/.err";
    my $pid = background([$rumprun, 'qemu', '-i', '-N', 'h', @options, '--',
            'all.bin', 'hang']);
    wait_for(sub { (slurp("$scratch/.err") || '') =~ /program all/ }) or diag('no boot');
    return $pid;
}
sub qemus { return grep { !/<defunct>/ } `ps -o args= --ppid $_[0]` }
sub status { waitpid($_[0], 0); return ($? & 127) ? 128 + ($? & 127) : $? >> 8 }
sub cause { return json(run([$rumprun, 'ps', '-a', '--json'])->{out})->[0] }

my $pid = hanging();
is(scalar qemus($pid), 1, 'QEMU is our child');
unlike(join('', qemus($pid)), qr/cmdline|hang/, 'the document shows nowhere in ps');
kill 'INT', $pid;
select(undef, undef, undef, 0.3);
is(waitpid($pid, POSIX::WNOHANG()), 0, 'one SIGINT is for the program');
kill('INT', $pid), select(undef, undef, undef, 0.1) for 1, 2;
is(status($pid), 137, 'three SIGINT in a row end the guest');
$pid = hanging();
kill 'QUIT', $pid;
is(status($pid), 137, 'SIGQUIT ends it at once');
like(slurp("$scratch/.err"), qr/rumprun: h: killed by rumprun/, 'and it says so');
$pid = hanging();
$start = clock_gettime(CLOCK_MONOTONIC);
is(run([$rumprun, 'stop', '-t', '1', 'h'])->{status}, 0,
    'rumprun stop sees guests in the foreground');
is(status($pid), 137, 'which is killed when it does not stop');
ok(clock_gettime(CLOCK_MONOTONIC) - $start < 9, 'after the time given, not the usual');
is((grep { $_->{name} eq 'h' } @{json(run([$rumprun, 'ps', '-a', '--json'])->{out})})[0]{cause},
    'killed', 'as ps tells');

$pid = hanging();
my ($qemu) = `ps -o pid= --ppid $pid` =~ /(\d+)/;
kill 'KILL', $pid;
is(status($pid), 137, 'the launcher is killed');
ok(wait_for(sub { !-d "/proc/$qemu" || slurp("/proc/$qemu/stat") =~ /\) Z/ }),
    'QEMU dies with it');
like(run([$rumprun, 'ps', '-a'])->{out}, qr/^h .*lost its supervisor/m,
    'ps -a knows');
is(run([$rumprun, 'ps'])->{out} =~ tr/\n//, 1, 'ps does not list it');
$pid = hanging();
($qemu) = `ps -o pid= --ppid $pid` =~ /(\d+)/;
kill 'KILL', $qemu;
is(status($pid), 137, 'QEMU is killed from outside');
like(slurp("$scratch/.err"), qr/h: hypervisor killed by signal 9/, 'said so');

# ---- the rest ----

$pid = hanging();
refused([$rumprun, 'qemu', '-i', '-N', 'h', 'all.bin'], 2,
    qr/-N h: a guest of that name is running/, 'one name, one guest');
kill 'QUIT', $pid;
waitpid($pid, 0);
guest([], '-T', "$scratch/kept", '-e', 'SECRET=x');
like(slurp("$scratch/kept/config.json"), qr/SECRET=x/, '-T keeps the document');
is((stat "$scratch/kept/config.json")[2] & 0777, 0600, 'for us alone');
is((stat "$scratch/kept")[2] & 0777, 0700, 'and its directory');
guest([], '-t', "$scratch/gone");
ok(!-e "$scratch/gone", '-t removes it');
my $port = free_port();
$pid = background([$rumprun, 'qemu', '-i', '-p', '-D', $port, '--', 'all.bin']);
my $gdb;
ok(wait_for(sub {
    $gdb = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port);
}), '-p -D: the debugger connects');
is(slurp("$scratch/.err"), '', 'and nothing runs yet');
print $gdb '+$c#63';
$gdb->flush;
is(status($pid), 0, 'until it says so');
$r = run([$rumprun, '--version']);
like($r->{out}, qr/^rumprun \d/, '--version');
for my $command (qw(ps logs stop)) {
    $r = run([$rumprun, $command, '--help']);
    ok($r->{status} == 0 && $r->{out} =~ /^usage:/, "$command --help");
}
$r = run([$rumprun, 'qemu', '--help']);
like($r->{out}, qr/^usage: .*--publish.*Exit status/s, '--help');
is("$r->{status}$r->{err}", '0', '--help succeeds');

done_testing();
