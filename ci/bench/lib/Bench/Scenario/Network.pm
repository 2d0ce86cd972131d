# Bytes and datagrams between guest and host: guest/netbench.c; and netcat.
package Bench::Scenario::Network;
use strict;
use warnings;
use JSON::PP;
use IO::Socket::INET;
use Bench::Qemu;

use constant TIMEOUT => 180;
# Bytes per second of a load's length that even a slow machine moves.
use constant MIB => 32;
use constant QUESTIONS => 2000;
use constant {SINK => 9001, SOURCE => 9002, ECHO => '9003/udp', NC => 3333};

# The client on the host: { count, wall, ... } and the CPU seconds of QEMU.
sub client {
    my ($c, $g, $what, $port, $count) = @_;
    my ($address, $at) = $c->{net}->reach($port);
    my $before = $g->cost;
    open(my $f, '-|', "$c->{guests}{out}/bin/netbench", $what, $address, $at,
        $count) or die "netbench: $!\n";
    my $text = do { local $/; <$f> };
    close $f;
    $g->fail("netbench $what: status $?") if $?;
    my $r = decode_json($text);
    $r->{cpu} = Bench::Qemu::between($before, $g->cost)->{cpu};
    return $r;
}

sub bulk {
    my ($c, $g, $what, $port) = @_;
    client($c, $g, $what, $port, MIB);
    my $r = client($c, $g, $what, $port, MIB * $c->{seconds});
    return {raw => $r, map { $_ => $r->{count} / $r->{$_} } qw(cpu wall)};
}

sub udp {
    my ($c, $g) = @_;
    client($c, $g, 'ask', ECHO, QUESTIONS / 10);
    my $r = client($c, $g, 'ask', ECHO, QUESTIONS * $c->{seconds});
    return (
        'net-udp' => {raw => $r, cpu => 1e6 * $r->{cpu} / $r->{count},
            wall => 1e6 * $r->{p50}},
        'net-udp-p99' => {wall => 1e6 * $r->{p99}}
    );
}

sub netbench {
    my ($c, $kind) = @_;
    my $g = $c->{guests}->boot($kind, ['netbench', 'serve'],
        ports => [SINK, SOURCE, ECHO]);
    $g->expect(qr/ready\r?\n/, TIMEOUT);
    my %got;
    $got{'net-receive'} = bulk($c, $g, 'send', SINK)
      if $c->{want}{'net-receive'};
    $got{'net-send'} = bulk($c, $g, 'receive', SOURCE)
      if $c->{want}{'net-send'};
    %got = (%got, udp($c, $g))
      if $c->{want}{'net-udp'} || $c->{want}{'net-udp-p99'};
    $g->stop;
    return \%got;
}

# The documents' Hello World: what is sent to netcat appears on the console.
sub netcat {
    my ($c, $kind) = @_;
    my $g = $c->{guests}->boot($kind, ['netcat', '-l', '-p', NC], ports => [NC]);
    my ($address, $port) = $c->{net}->reach(NC);
    my $end = Bench::Qemu::now() + TIMEOUT;
    my $cost;
    until ($cost) {
        # On tap nobody listens at first, and a connection is refused at once.
        my $s = IO::Socket::INET->new(PeerAddr => $address,
            PeerPort => $port, Timeout => 0.05);
        print $s "here\n" and $s->flush if $s;
        # QEMU's user network takes the line before anybody is there for it.
        $cost = $g->seen(qr/here\r?\n/, $s ? 0.2 : 0.002);
        $g->fail('no line within ' . TIMEOUT . ' s')
          if !$cost && Bench::Qemu::now() > $end;
    }
    $g->stop;
    return {'boot-netcat' =>
          {cpu => 1000 * $cost->{cpu}, wall => 1000 * $cost->{wall}}};
}

sub row {
    my ($name, $title, $cpu, $wall, $better) = @_;
    return {name => $name, title => $title, better => $better,
        unit => {($cpu ? (cpu => $cpu) : ()), wall => $wall}};
}

our @scenarios = (
    {
        name   => 'netbench',
        guests => [qw(rumprun ring3 linux)],
        run    => \&netbench,
        rows   => [
            row('net-receive', 'TCP, host to guest', 'MiB per CPU s', 'MiB/s',
                'more'),
            row('net-send', 'TCP, guest to host', 'MiB per CPU s', 'MiB/s',
                'more'),
            row('net-udp', 'UDP, a question answered (wall: median)',
                'us CPU', 'us', 'less'),
            row('net-udp-p99', 'the same, latency p99', '', 'us', 'less')
        ]
    },
    {
        name   => 'netcat',
        guests => [qw(rumprun linux)],
        run    => \&netcat,
        rows   => [row('boot-netcat',
                'exec of QEMU to first line through netcat', 'ms CPU', 'ms',
                'less')]
    }
);

1;
