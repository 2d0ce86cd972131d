# Whether KVM can be used here, as the launcher decides (tools/rumprun/qemu.c): a
# /dev/kvm alone proves nothing, since there are some that interpret every instruction.
package Kvm;
use strict;
use warnings;
use Exporter 'import';

our @EXPORT_OK = qw(processor_virtualises kvm_opens kvm_usable);

sub processor_virtualises {
    open(my $f, '<', '/proc/cpuinfo') or return 0;
    return (grep { /^flags.* (?:vmx|svm)\b/ } <$f>) ? 1 : 0;
}

sub kvm_opens { return open(my $f, '+<', '/dev/kvm') ? 1 : 0 }

sub kvm_usable { return processor_virtualises() && kvm_opens() }

1;
