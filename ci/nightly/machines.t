#!/usr/bin/perl
# Every machine of Machines.pm; and every guest program that compares itself with
# Linux, on the other machine types and on an old processor.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../../core/test/guest";
use Guest;
use Machine;
use Machines;
use Test::More;

machine_ok($_) for @machines;

my @programs = qw(args libc stdio threads sync cancel timers poll memory signals
  sockets process churn);
my @variants = (
    ['q35',                   'hw_virtio',  machine => 'q35'],
    ['microvm',               'hw_microvm'],
    ['pc without APIC timer', 'hw_virtio', opts => ['--cpu', 'max,-tsc-deadline,-x2apic']],
    ['oldest processor',      'hw_virtio', opts => ['--cpu', 'qemu64']],
);
my @components = glob "$build/toolchain/lib/rumprun/components/*.a";
my %stderr = (libc => qr/no system call 1999/);

for my $v (@variants) {
    my ($what, $config, %o) = @$v;
    for my $p (@programs) {
        my $program = "$build/test/guest/$p";
        my $image = image($p, $config);
        # The test tree makes some of them; one of an older kernel proves nothing.
        if (!-e $image || grep { -M $_ < -M $image } $program, @components) {
            system("$build/toolchain/bin/rumprun-bake", $config, $image, $program) == 0
              or die "cannot bake $p\n";
        }
        subtest "$what: $p" => sub {
            differential($p, config => $config, %o,
                ($stderr{$p} ? (stderr => $stderr{$p}) : ()));
        };
    }
}

done_testing();
