# From exec of QEMU to the first output of a program, and its size.
package Bench::Scenario::Boot;
use strict;
use warnings;

# A byte is the first output of the trivial guest, a line that of hello.
use constant TIMEOUT => 120;
use constant KB => 1000;

sub hello {
    my ($machine) = @_;
    return sub {
        my ($c, $kind) = @_;
        my $g = $c->{guests}->boot($kind, ['hello'],
            machine => $machine,
            config => $machine eq 'microvm' ? 'hw_minimal_mmio' : 'hw_minimal');
        my $cost = $g->expect($kind eq 'trivial' ? qr/!/ : qr/Hello, world!/,
            TIMEOUT);
        $g->stop;
        return {"boot-hello-$machine" =>
              {cpu => 1000 * $cost->{cpu}, wall => 1000 * $cost->{wall}}};
    };
}

sub size {
    my ($c, $kind) = @_;
    my $out = $c->{guests}{out};
    my $bytes;
    if ($kind eq 'linux') {
        $bytes = (-s "$out/linux/vmlinuz") + (-s "$out/linux/hello.cpio");
    } else {
        my $stripped = "$c->{guests}{tmp}/stripped";
        system('strip', '-o', $stripped, "$out/hello.hw_minimal.bin") == 0
          or die "strip failed\n";
        $bytes = -s $stripped;
    }
    return {'size-hello' => {value => $bytes / KB}};
}

our @scenarios = (
    (map {
        my $machine = $_;
        {
            name   => "boot-hello-$machine",
            guests => [qw(rumprun linux trivial)],
            run    => hello($machine),
            rows   => [{
                name    => "boot-hello-$machine",
                title   => "exec of QEMU to first output, hello, $machine",
                unit    => {cpu => 'ms CPU', wall => 'ms'},
                better  => 'less',
                target  => {
                    text  => 'trivial guest + 10 ms',
                    limit => sub { $_[0]->("boot-hello-$machine", 'trivial') + 10 }
                }
            }]
        }
    } qw(pc microvm)),
    {
        name   => 'size-hello',
        guests => [qw(rumprun linux)],
        once   => 1,
        run    => \&size,
        rows   => [{
            name   => 'size-hello',
            title  => 'hello, stripped, hw_minimal (Linux: kernel and initramfs)',
            unit   => {value => 'KB'},
            better => 'less',
            target => {text => '120 KB', limit => sub { 120 }}
        }]
    }
);

1;
