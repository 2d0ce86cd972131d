# A network namespace of the test's own, with a tap device, rr0, for a guest.
package Tap;
use strict;
use warnings;
use Exporter 'import';
use Test::More;

our @EXPORT = qw(tap_namespace @tap);

# The launcher's options for an interface, if0, on that device.
our @tap = ('-I', 'if0,vioif,tap,ifname=rr0,script=no,downscript=no');

# Runs the test anew in the namespace, where rr0 has these addresses (as `ip addr add'
# wants them); skips it where that cannot be.
sub tap_namespace {
    my @addresses = @_;

    if (!$ENV{TAP_NAMESPACE}) {
        plan skip_all => 'tap devices are for root'
          if $> != 0 || !-w '/dev/net/tun' || system('unshare --net true 2>/dev/null');
        $ENV{TAP_NAMESPACE} = 1;
        exec 'unshare', '--net', $^X, $0 or die "unshare: $!\n";
    }
    for my $command ('tuntap add dev rr0 mode tap',
        (map { "addr add $_ dev rr0" } @addresses), 'link set rr0 up') {
        system("ip $command") == 0 or die "ip $command failed\n";
    }
}

1;
