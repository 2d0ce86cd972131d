#!/usr/bin/perl
# Nothing that programs do again and again leaves memory behind: prog/leaks.c does it on
# a kernel that counts its heap's objects by who allocated them (hw_debug).  That such
# a leak is found is shown by leaks made on purpose.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

my @cycles = qw(files directories locks pipes maps tcp udp unix netlink polls timers threads);

my $r = guest('leaks', config => 'hw_debug', args => \@cycles);
for my $c (@cycles) {
    like($r->{out}, qr/^$c: nothing is left$/m, $c);
}
is($r->{status}, 0, 'exit status');
is($r->{err}, '', 'no report');

my %leaks = (file => qr/file_alloc/, socket => qr/socket/, timer => qr/timerfd/);
for my $what (sort keys %leaks) {
    $r = guest('leaks', config => 'hw_debug', args => ["leak-$what"]);
    is($r->{out}, "leak-$what: leaks\n", "a leaked $what is found");
    like($r->{err}, qr/DEBUG: 40 objects more, \d+ bytes in all, allocated by\n(?:.*\n)*?.*kernel: \S*$leaks{$what}/,
        "a leaked $what: by whom") or diag($r->{err});
}

# At the end, by request.
$r = guest('leaks', config => 'hw_debug', env => ['RUMPRUN_DEBUG_HEAP=1'], args => ['files']);
like($r->{err}, qr/DEBUG: \d+ objects more, \d+ bytes in all, allocated by\n\S+\s+#0 0x\w+ kernel: \w+\+/,
    'what lives at the end');

done_testing();
