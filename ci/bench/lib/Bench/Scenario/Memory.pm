# The least memory with which a guest does its work, in MiB, by bisection.
package Bench::Scenario::Memory;
use strict;
use warnings;
use Bench::Qemu;
use Bench::Scenario::Web;

# A guest with too little memory may panic, or hang, or go on in vain.  These CPU
# seconds are several times what any of them takes with enough.
use constant CPU => 20;
use constant ENOUGH => 256;
# The server has to answer so often over TLS, eight clients at a time.
use constant PAGES => 32;

# The least n of 1..$most for which $works; undef if not even $most does.
sub least {
    my ($most, $works) = @_;
    return unless $works->($most);
    my ($bad, $good) = (0, $most);
    while ($good - $bad > 1) {
        my $mid = int(($bad + $good) / 2);
        if ($works->($mid)) {
            $good = $mid;
        } else {
            $bad = $mid;
        }
    }
    return $good;
}

sub hello {
    my ($c, $kind, $memory) = @_;
    my $g = $c->{guests}->boot($kind, ['hello'],
        config => 'hw_minimal', memory => $memory);
    until ($g->seen(qr/Hello, world!/, 0.2)) {
        $g->fail('no output') if $g->hopeless(CPU);
    }
    $g->stop;
    return 1;
}

# Asks so often for the page over TLS; how often it came.
sub pages {
    my ($c, $n) = @_;
    my ($address, $port) = $c->{net}->reach(443);
    my $text = qx{curl -sk --noproxy '*' --max-time 20 --connect-timeout 2 \\
        --parallel --parallel-max 8 -o /dev/null -w '%{http_code} ' \\
        'https://$address:$port/?[1-$n]' 2>/dev/null};
    return scalar(() = $text =~ /\b200\b/g);
}

sub nginx {
    my ($c, $kind, $memory) = @_;
    my $g = Bench::Scenario::Web::boot_nginx($c, $kind, conf => 'tls.conf',
        memory => $memory, ports => [443]);
    until (pages($c, 1)) {
        $g->alive or $g->fail('ended');
        $g->fail('no answer') if $g->hopeless(CPU);
        select undef, undef, undef, 0.1;
    }
    my $n = pages($c, PAGES);
    $g->alive or $g->fail('ended');
    $g->stop;
    die "$n of " . PAGES . " pages\n" if $n != PAGES;
    return 1;
}

# The scenario of one program: a guest that cannot do its work dies.
sub bisect {
    my ($name, $try) = @_;
    return sub {
        my ($c, $kind) = @_;
        my $least = least(ENOUGH, sub {
            my ($memory) = @_;
            my $ok = eval { $try->($c, $kind, $memory) };
            die $@ if !$ok && $memory == ENOUGH;
            return $ok;
        });
        return {$name => {value => $least}};
    };
}

sub scenario {
    my ($name, $title, $try, $target) = @_;
    return {
        name   => $name,
        guests => [qw(rumprun linux)],
        once   => 1,
        run    => bisect($name, $try),
        rows   => [{
            name   => $name,
            title  => $title,
            unit   => {value => 'MiB'},
            better => 'less',
            target => {text => "$target MiB", limit => sub { $target }}
        }]
    };
}

our @scenarios = (
    scenario('memory-hello', 'least memory, hello', \&hello, 2),
    scenario('memory-nginx', 'least memory, nginx with TLS', \&nginx, 6),
);

1;
