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

# The servers; each boots with so many processors.
sub httpd {
    my (@how) = @_;
    return sub {
        my ($c, $kind, $cpus) = @_;
        return $c->{guests}->boot($kind, ['httpd', 80, THREADS, @how],
            ports => [80], cpus => $cpus);
    };
}

sub nginx {
    my ($c, $kind, $cpus) = @_;
    return Bench::Scenario::Web::boot_nginx($c, $kind, cpus => $cpus,
        conf => 'threads.conf');
}

sub serve {
    my ($name, $boot) = @_;
    return sub {
        my ($cpus) = @_;
        return sub {
            my ($c, $kind) = @_;
            my $g = $boot->($c, $kind, $cpus);
            my @at = $c->{net}->reach(80);
            await_page($g, @at, TIMEOUT);
            load($g, @at, connections => CONNECTIONS, seconds => 1);
            my $r = load($g, @at, connections => CONNECTIONS,
                seconds => $c->{seconds});
            $g->stop;
            return {"$name-$cpus" => Bench::Scenario::Web::figures($r)};
        };
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

sub server {
    my ($name, $title, $cpus, $boot) = @_;
    return scenario($name, "$title, " . CONNECTIONS . ' connections', $cpus,
        serve($name, $boot), 'requests per CPU s', 'requests/s', 'more');
}

our @scenarios = map {
    (
        scenario('smp-compute', 'two threads compute', $_, \&compute,
            'us CPU', 'us', 'less'),
        server('smp-httpd', 'epoll server, one thread accepts for ' . THREADS,
            $_, httpd()),
        server('smp-reuseport', 'epoll server, ' . THREADS .
              ' threads with SO_REUSEPORT', $_, httpd('reuseport')),
        server('smp-nginx', 'nginx, a pool of ' . THREADS . ' threads', $_,
            \&nginx)
    )
} 1, 2;

1;
