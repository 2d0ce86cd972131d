#!/usr/bin/perl
# The same program on every machine type, and on processors that lack things; then
# the quick ones of the machines in Machines.pm.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Machine;
use Machines;
use Test::More;

sub hello {
    my ($what, %o) = @_;
    my $r = guest('hello', %o);

    is($r->{out}, "Hello, world!\n", "$what: output")
      or diag("status $r->{status}\n$r->{err}");
    is($r->{status}, 0, "$what: status");
    # QEMU says what its emulation cannot do of a processor model.
    $r->{err} =~ s/^qemu\S* warning: TCG doesn't support requested feature.*\n//mg;
    is($r->{err}, '', "$what: nothing on standard error");
}

hello('minimal, 4 MiB', config => 'hw_minimal', memory => 4);
hello('virtio, pc', memory => 16);
hello('virtio, q35', memory => 16, machine => 'q35');
hello('microvm', config => 'hw_microvm', memory => 16);
hello('generic on microvm', config => 'hw_generic', machine => 'microvm');
hello('3 GiB', memory => 3072);

# Without RDRAND, XSAVE, FSGSBASE ...: the oldest, some in between.
hello("processor $_", config => 'hw_minimal', opts => ['--cpu', $_])
  for 'qemu64', 'core2duo', 'Nehalem', 'EPYC', 'max,-xsave',
  'max,-rdrand,-rdseed,-fsgsbase', 'max,-x2apic,-tsc-deadline,-pdpe1gb';

my $r = guest('hello', config => 'hw_minimal', opts => ['--cpu', 'qemu32']);
is($r->{status}, 120, 'a 32-bit processor: status');
like($r->{err}, qr/^rumprun: panic: this processor has no 64-bit mode$/m,
    'a 32-bit processor: a sentence');

machine_ok($_) for grep { $_->{quick} } @machines;

done_testing();
