#!/usr/bin/perl
# The launcher and the real kernel: streams, end of file, signals, terminal,
# published ports, stop, crash reports; on all machines.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use IO::Socket::INET;
use Test::More;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);
use Tools;

my $gcc = "$built/x86_64-rumprun-linux-musl-gcc";
my $source = "$top/core/test/tools/prog/probe.c";
my $r = run([$gcc, '-O1', '-g', '-o', 'probe', $source]);
is($r->{status}, 0, 'the probe is compiled') or die $r->{err};
for my $config (qw(hw_virtio hw_microvm hw_minimal)) {
    $r = run(["$built/rumprun-bake", $config, "$config.bin", 'probe']);
    is("$r->{status}$r->{err}", '0', "and baked for $config")
      or die $r->{err};
}
my @on = (['pc', 'hw_virtio'], ['q35', 'hw_virtio'], ['microvm', 'hw_microvm']);

sub command {
    my ($machine, $config, $words, @options) = @_;
    return [$rumprun, 'qemu', '-i', '--machine', $machine, @options, '--',
        "$config.bin", @$words];
}
sub status { waitpid($_[0], 0); return ($? & 127) ? 128 + ($? & 127) : $? >> 8 }

# Start it and wait for a line of its standard output.
sub started {
    my ($line, $cmd) = @_;
    unlink "$scratch/.out";
    my $pid = background($cmd);
    ok(wait_for(sub { (slurp("$scratch/.out") || '') =~ /^\Q$line\E$/m }),
        "it says $line")
      or diag(slurp("$scratch/.err"));
    return $pid;
}

srand(3);
my $bytes = join '', map { chr(int rand 256) } 1 .. 200000;
spew('in', $bytes);

for (@on) {
    my ($machine, $config) = @$_;
    $r = run(command($machine, $config, ['streams']));
    is($r->{status}, 3, "$machine: exit status") or diag($r->{err});
    is($r->{out}, "to standard output\n", "$machine: standard output");
    like($r->{err}, qr/^to standard error$/m, "$machine: standard error");
    unlike($r->{err}, qr/to standard output|rumprun-status/,
        "$machine: and only that");

    $r = run(command($machine, $config, ['cat']), stdin_file => 'in');
    ok($r->{out} eq $bytes, "$machine: 200 000 bytes through it")
      or diag(length($r->{out}) . ' bytes, ' . $r->{err});
    like($r->{err}, qr/^200000 bytes$/m, "$machine: end of file");
    $r = run(command($machine, $config, ['cat']));
    like($r->{err}, qr/^0 bytes$/m, "$machine: end of file at once");

    my $pid = started('ready', command($machine, $config, ['signals']));
    kill 'INT', $pid;
    ok(wait_for(sub { slurp("$scratch/.out") =~ /^signal 2\nagain$/m }),
        "$machine: SIGINT");
    kill 'TERM', $pid;
    is(status($pid), 7, "$machine: SIGTERM asks the guest, which decides");
    like(slurp("$scratch/.out"), qr/^signal 15$/m, "$machine: as SIGTERM");

    $r = run(command($machine, $config, ['crash']));
    is($r->{status}, 139, "$machine: a crash is signal 11");
    like($r->{err}, qr/probe\+0x[0-9a-f]+: main\+0x[0-9a-f]+ \(\S*probe\.c:\d+\)/,
        "$machine: its report has names")
      or diag($r->{err});
}

$r = run(command('pc', 'hw_minimal', ['streams'], '-M', '4'));
is($r->{status}, 3, 'hw_minimal in 4 MiB') or diag($r->{err});

# A fast writer and a slow reader.
$r = run(['sh', '-c', join(' ', @{command('pc', 'hw_virtio', ['count', '5000000'])})
        . ' | { sleep 1; wc -c; }']);
is($r->{out} + 0, 5000000, '5 MB to a reader that is slow');
my $begin = clock_gettime(CLOCK_MONOTONIC);
$r = run(['sh', '-c', join(' ', @{command('pc', 'hw_virtio', ['count', '999999999'])})
        . ' | head -c 5']);
is($r->{out}, 'xxxxx', 'a reader that goes away');
ok(clock_gettime(CLOCK_MONOTONIC) - $begin < 60, 'ends the guest');

# ---- a terminal: script(1) makes one ----

my $TIOCSWINSZ = 0x5414; # asm-generic/ioctls.h

sub on_terminal {
    my ($words, $before) = @_;
    return ['script', '-qec', ($before || 'stty rows 33 cols 101') . '; '
          . join(' ', @{command('pc', 'hw_virtio', $words)}), '/dev/null'];
}
SKIP: {
    skip 'no script(1)', 3 if system('script -V >/dev/null 2>&1');
    $r = run(on_terminal(['tty']));
    like($r->{out}, qr/^tty 1 1 1 size 33 101\r$/m, 'a terminal and its size');
    $r = run(['sh', '-c', "'$rumprun' qemu -i hw_virtio.bin tty <in 2>/dev/null"]);
    like($r->{out}, qr/^tty 0 0 0 /, 'no terminal');
    my $pid = started("ready\r", on_terminal(['resize'],
            'tty >tty.name; stty rows 10 cols 20'));
    chomp(my $tty = slurp('tty.name'));
    # In one step: stty takes two, and the program looks after the first.
    open(my $f, '<', $tty) or die "$tty: $!";
    my $size = pack('S4', 44, 55, 0, 0);
    ioctl($f, $TIOCSWINSZ, $size) or die "$tty: $!";
    close $f;
    waitpid($pid, 0);
    like(slurp("$scratch/.out"), qr/^tty 1 1 1 size 44 55\r$/m, 'a new size');
}

# ---- the network ----

sub talk {
    my ($port) = @_;
    my $answer;
    wait_for(sub {
        my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
            PeerPort => $port, Timeout => 5) or return 0;
        local $SIG{ALRM} = sub { };
        print $s "hello\n";
        $s->flush;
        alarm 5;
        $answer = <$s>;
        alarm 0;
        return defined $answer;
    });
    return $answer;
}
for (['pc', 'hw_virtio'], ['microvm', 'hw_microvm']) {
    my ($machine, $config) = @$_;
    for my $how ([], ['-I', 'xen0,xenif', '-W', 'xen0,inet,static,10.0.120.120/24']) {
        my $port = free_port();
        my $name = @$how ? 'a static address' : 'DHCP';
        my $pid = started('listening', command($machine, $config,
                ['serve', '80'], @$how, '--publish', "127.0.0.1:$port:80"));
        is(talk($port), "hello\n", "$machine: --publish and $name")
          or diag(slurp("$scratch/.err"));
        kill 'TERM', $pid;
        is(status($pid), 143, "$machine: SIGTERM ends the server");
    }
}

# ---- detached ----

$r = run([$rumprun, 'qemu', '-N', 'srv', '--publish', '127.0.0.1:0:80', '--',
        'hw_virtio.bin', 'serve', '80']);
is("$r->{status} $r->{out}", "0 srv\n", 'a server, detached') or diag($r->{err});
my ($e) = grep { $_->{name} eq 'srv' } @{json(run([$rumprun, 'ps', '--json'])->{out})};
is(talk($e->{ports}[0]{port}), "hello\n", 'answers on the port that ps shows');
ok(wait_for(sub { run([$rumprun, 'logs', 'srv'])->{out} =~ /^listening\nserved$/m }),
    'logs shows what it printed');
$begin = clock_gettime(CLOCK_MONOTONIC);
is(run([$rumprun, 'stop', 'srv'])->{status}, 0, 'stop');
ok(clock_gettime(CLOCK_MONOTONIC) - $begin < 10, 'it stops when asked');
like(run([$rumprun, 'ps', '-a'])->{out}, qr/^srv .*signal 15/m, 'by SIGTERM');

done_testing();
