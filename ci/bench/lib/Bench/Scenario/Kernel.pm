# What the kernel's services cost a program, one by one: guest/micro.c.
package Bench::Scenario::Kernel;
use strict;
use warnings;
use Bench::Qemu;

use constant TIMEOUT => 120;

# Test, what one of it is.  The context of a test is a guest that did the others.
my @calls = (
    [getppid => 'a system call that does nothing (getppid)'],
    [pipe    => 'a byte into a pipe and out again'],
    [epoll   => 'eventfd written, epoll_wait, read'],
    [signal  => 'a signal sent, caught, returned from'],
    [switch  => 'two threads, a byte through pipes and back'],
    [futex   => 'two threads, semaphores (futex) and back'],
    [thread  => 'a thread created and joined'],
    [mmap    => 'a page mapped, touched, unmapped'],
);
my @files = (
    ['file-read'  => 'read of a file in tmpfs, 64 KiB at a time'],
    ['file-write' => 'write of a file in tmpfs, 64 KiB at a time'],
    ['disk'       => 'read of a file from the disk (ISO 9660, virtio)'],
    ['disk-again' => 'the same, from the page cache'],
);

# One test: { count, cpu, wall }, seconds for all of it.
sub test {
    my ($g, $name) = @_;
    my $before = $g->cost;
    $g->type("$name\n");
    my $after = $g->expect(qr/end $name (\d+ \d+)\r?\n/, TIMEOUT);
    my ($count, $ns) = split / /, $after->{match};
    $g->fail("$name: nothing was done") unless $count && $ns;
    return {count => $count, wall => $ns / 1e9,
        cpu => Bench::Qemu::between($before, $after)->{cpu}};
}

sub calls {
    my ($c, $kind) = @_;
    my $g = $c->{guests}->boot($kind, ['micro']);
    $g->expect(qr/ready\r?\n/, TIMEOUT);
    my %got;
    for my $name (map { $_->[0] } @calls) {
        next unless $c->{want}{"call-$name"};
        my $r = test($g, $name);
        $got{"call-$name"} = {raw => $r,
            map { $_ => 1e6 * $r->{$_} / $r->{count} } qw(cpu wall)};
    }
    $g->stop;
    return \%got;
}

sub files {
    my ($c, $kind) = @_;
    my $g = $c->{guests}->boot($kind, ['micro'],
        disk => "$c->{guests}{out}/disk.iso", mount => '/mnt');
    $g->expect(qr/ready\r?\n/, TIMEOUT);
    my %got;
    for my $name (map { $_->[0] } @files) {
        # What the second reads, the first has brought.
        next unless $c->{want}{"io-$name"}
          || $name eq 'disk' && $c->{want}{'io-disk-again'};
        my $r = test($g, $name =~ s/-again//r);
        $got{"io-$name"} = {raw => $r,
            map { $_ => $r->{count} / $r->{$_} } qw(cpu wall)};
    }
    $g->stop;
    return \%got;
}

our @scenarios = (
    {
        name   => 'calls',
        guests => [qw(rumprun ring3 linux)],
        run    => \&calls,
        rows   => [map { {
            name   => "call-$_->[0]",
            title  => $_->[1],
            unit   => {cpu => 'us CPU', wall => 'us'},
            better => 'less'
        } } @calls]
    },
    {
        name   => 'files',
        guests => [qw(rumprun ring3 linux)],
        run    => \&files,
        rows   => [map { {
            name   => "io-$_->[0]",
            title  => $_->[1],
            unit   => {cpu => 'MiB per CPU s', wall => 'MiB/s'},
            better => 'more'
        } } @files]
    }
);

1;
