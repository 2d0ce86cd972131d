# Web servers: nginx with a file of 612 bytes, and a minimal server on epoll.
package Bench::Scenario::Web;
use strict;
use warnings;
use Bench::Http qw(await_page load);

use constant TIMEOUT => 180;
our @connections = (1, 16, 64);

sub boot_nginx {
    my ($c, $kind, %o) = @_;
    return $c->{guests}->boot($kind,
        ['nginx', '-c', '/data/conf/' . ($o{conf} || 'nginx.conf')],
        ports => $o{ports} || [80], disk => "$c->{guests}{out}/site.iso",
        mount => '/data', in_initramfs => 1,
        map { $o{$_} ? ($_ => $o{$_}) : () } qw(memory cpus));
}

# Answers per CPU second and per wall second, and what else wrk saw.
sub figures {
    my ($r) = @_;
    return {
        cpu  => $r->{requests} / $r->{cpu},
        wall => $r->{requests} / $r->{wall},
        raw  => $r
    };
}

# The loads whose rows are wanted, one after the other in one guest.
sub loads {
    my ($c, $g, $name, $ways) = @_;
    my @at = $c->{net}->reach(80);
    my %got;
    my $warm = 0;
    for my $way (@$ways) {
        for my $n (@connections) {
            my $row = "$name-$way-$n";
            my $tail = "$name-latency";
            next unless $c->{want}{$row}
              || $way eq 'keep' && $n == 16
              && ($c->{want}{"$tail-p50"} || $c->{want}{"$tail-p99"});
            # Caches, and QEMU's translations, as in a server that runs.
            load($g, @at, connections => 16, seconds => 1) unless $warm++;
            my $r = load($g, @at, connections => $n,
                seconds => $c->{seconds}, close => $way eq 'new');
            $got{$row} = figures($r);
            next unless $way eq 'keep' && $n == 16;
            $got{"$tail-$_"} = {wall => 1000 * $r->{$_}} for qw(p50 p99);
        }
    }
    return \%got;
}

sub nginx {
    my ($c, $kind) = @_;
    my $g = boot_nginx($c, $kind);
    my $cost = await_page($g, $c->{net}->reach(80), TIMEOUT);
    my $got = loads($c, $g, 'nginx', [qw(keep new)]);
    $g->stop;
    $got->{'boot-nginx'} =
      {cpu => 1000 * $cost->{cpu}, wall => 1000 * $cost->{wall}};
    return $got;
}

sub httpd {
    my ($c, $kind) = @_;
    my $g = $c->{guests}->boot($kind, ['httpd'], ports => [80]);
    await_page($g, $c->{net}->reach(80), TIMEOUT);
    my $got = loads($c, $g, 'httpd', ['keep']);
    $g->stop;
    # What one answer costs, where nginx's rows say how many one second gives.
    /-keep-/ and $got->{$_}{cpu} = 1e6 / $got->{$_}{cpu} for keys %$got;
    return $got;
}

my %way = (keep => 'keep-alive', new => 'a new connection each');

sub nginx_row {
    my ($way, $n) = @_;
    my $name = "nginx-$way-$n";
    return {
        name   => $name,
        title  => "nginx, 612 bytes, $way{$way}, $n connections",
        unit   => {cpu => 'requests per CPU s', wall => 'requests/s'},
        better => 'more',
        target => {
            text  => '2.5 x the Linux guest',
            limit => sub { 2.5 * $_[0]->($name, 'linux') }
        }
    };
}

sub httpd_row {
    my ($n) = @_;
    my $row = {
        name   => "httpd-keep-$n",
        title  => "epoll server, 612 bytes, keep-alive, $n connections",
        unit   => {cpu => 'us CPU per request', wall => 'requests/s'},
        better => 'less',
        wall_better => 'more',
    };
    $row->{target} = {text => '30 us', limit => sub { 30 }} if $n == 64;
    return $row;
}

sub latency_row {
    my ($name, $p) = @_;
    return {
        name   => "$name-latency-$p",
        title  => "$name, keep-alive, 16 connections, latency $p",
        unit   => {wall => 'ms'},
        better => 'less'
    };
}

our @scenarios = (
    {
        name   => 'nginx',
        guests => [qw(rumprun ring3 linux)],
        run    => \&nginx,
        rows   => [
            {
                name   => 'boot-nginx',
                title  => 'exec of QEMU to first HTTP 200, nginx',
                unit   => {cpu => 'ms CPU', wall => 'ms'},
                better => 'less',
                target => {
                    text  => 'trivial guest + 60 ms',
                    limit => sub { $_[0]->('boot-hello-pc', 'trivial') + 60 }
                }
            },
            (map { my $w = $_; map { nginx_row($w, $_) } @connections }
                  qw(keep new)),
            map { latency_row('nginx', $_) } qw(p50 p99)
        ]
    },
    {
        name   => 'httpd',
        guests => [qw(rumprun ring3 linux)],
        run    => \&httpd,
        rows   => [
            (map { httpd_row($_) } @connections),
            map { latency_row('httpd', $_) } qw(p50 p99)
        ]
    }
);

1;
