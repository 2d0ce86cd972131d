# The same work on one processor and on two: threads that compute, threads that
# serve.  The host needs a processor for each, and one more for wrk.
package Bench::Scenario::Scaling;
use strict;
use warnings;
use Bench::Http qw(await_page load);
use Bench::Scenario::Kernel;
use Bench::Scenario::Web;

use constant TIMEOUT => 180;
use constant THREADS => 4;
use constant CONNECTIONS => 64;

sub compute {
    my ($cpus) = @_;
    return sub {
        my ($c, $kind) = @_;
        my $g = $c->{guests}->boot($kind, ['micro'], cpus => $cpus);
        $g->expect(qr/ready\r?\n/, TIMEOUT);
        my $r = Bench::Scenario::Kernel::test($g, 'compute');
        $g->stop;
        return {"smp-compute-$cpus" => {raw => $r,
                map { $_ => 1e6 * $r->{$_} / $r->{count} } qw(cpu wall)}};
    };
}

sub serve {
    my ($cpus) = @_;
    return sub {
        my ($c, $kind) = @_;
        my $g = $c->{guests}->boot($kind, ['httpd', 80, THREADS],
            ports => [80], cpus => $cpus);
        my @at = $c->{net}->reach(80);
        await_page($g, @at, TIMEOUT);
        load($g, @at, connections => CONNECTIONS, seconds => 1);
        my $r = load($g, @at, connections => CONNECTIONS,
            seconds => $c->{seconds});
        $g->stop;
        return {"smp-httpd-$cpus" => Bench::Scenario::Web::figures($r)};
    };
}

sub scenario {
    my ($name, $title, $cpus, $run, $cpu, $wall, $better) = @_;
    my $processors = $cpus == 1 ? '1 processor' : "$cpus processors";
    return {
        name   => "$name-$cpus",
        guests => [qw(rumprun linux)],
        run    => $run->($cpus),
        rows   => [{
            name   => "$name-$cpus",
            title  => "$title, $processors",
            unit   => {cpu => $cpu, wall => $wall},
            better => $better
        }]
    };
}

our @scenarios = map {
    (
        scenario('smp-compute', 'two threads compute', $_, \&compute,
            'us CPU', 'us', 'less'),
        scenario('smp-httpd', 'epoll server, ' . THREADS . ' threads, ' .
              CONNECTIONS . ' connections', $_, \&serve,
            'requests per CPU s', 'requests/s', 'more')
    )
} 1, 2;

1;
