# The server under test, for the tests beside this file: nginx in a guest, or
# with NATIVE=yes in the environment the same program on Linux, which tells a
# fault of nginx or of a test from one of the kernel.
package Nginx;
use strict;
use warnings;
use Exporter 'import';
use FindBin;
use lib "$FindBin::Bin/../../../scripts/test";
use PortTest;
use Test::More;

our @EXPORT = qw(boot quit site curl $http $https $native $config);
our ($http, $https);
our $native = ($ENV{NATIVE} || '') eq 'yes';

my $port = "$FindBin::Bin/..";
my $program = "$build/src/nginx/objs/nginx";

# GUEST_RING=3 has nginx run in ring 3.
our $config = ($ENV{GUEST_RING} || 0) == 3 ? 'hw_virtio_ring3' : 'hw_virtio';

# A copy of the port's site and configuration, to be added to; where a test
# is no user, lines of the configuration are replaced.
sub site {
    my (%replace) = @_;
    my $dir = "$scratch/site";
    mkdir $dir;
    command('cp', '-R', "$port/images/data/.", "$build/work/nginx/tls/.",
        $dir) or die "no site; make in packages/nginx prepares it\n";
    my $conf = slurp("$dir/conf/nginx.conf");
    for my $line (keys %replace) {
        $conf =~ s/^\s*\Q$line\E.*$/$replace{$line}/m
          or die "nginx.conf has no line $line";
    }
    write_file("$dir/conf/nginx.conf", $conf);
    return $dir;
}

# Boot with a site; image and options may be others.  Waits for an answer.
sub boot {
    my ($dir, %o) = @_;
    my %lead = (80 => free_port(), 443 => free_port(), %{$o{ports} || {}});
    $http = "http://127.0.0.1:$lead{80}";
    $https = "https://localhost:$lead{443}";
    my $g = $native ? on_linux($dir, \%lead) : in_guest($dir, \%lead, %o);
    my $up = until_true(120, sub {
        return 1 if defined ended($g, 0);
        output('curl', '-s', '--max-time', 5, '-o', '/dev/null', "$http/");
        return $? == 0;
    });
    $up = 0 if defined $g->{status};
    ok($up, 'nginx answers') or show_console($g), die "nginx is not up\n";
    return $g;
}

# The port's own image, or one for the other ring.
sub image {
    return "$port/bin/nginx.bin" if $config eq 'hw_virtio';
    command('rumprun-bake', $config, "$scratch/nginx.bin", $program)
      or die "no image\n";
    return "$scratch/nginx.bin";
}

sub in_guest {
    my ($dir, $lead, %o) = @_;
    my $iso = "$scratch/site.iso";
    command("$top/scripts/mkiso", '-w', "$scratch/site.list", $iso, $dir)
      or die "no ISO image\n";
    return start([
        'rumprun', 'qemu', '-i', '-M', $o{memory} || 128,
        (map { ('--publish', "127.0.0.1:$lead->{$_}:$_") } keys %$lead),
        '-b', "$iso,/data", @{$o{options} || []}, '--',
        $o{image} || image(),
        $o{image} ? () : ('-c', '/data/conf/nginx.conf')
    ]);
}

sub on_linux {
    my ($dir, $lead) = @_;
    my $conf = slurp("$dir/conf/nginx.conf");
    $conf =~ s/^(\s*listen (?:\[::\]:)?)(80|443)\b/$1$lead->{$2}/mg;
    $conf =~ s{^pid .*$}{pid $scratch/nginx.pid;}m;
    write_file("$dir/conf/linux.conf", $conf);
    return start([$program, '-p', $dir, '-c', 'conf/linux.conf']);
}

# SIGTERM, and the status.  nginx without a master looks at what its handler has
# noted and then waits for events, without end if there is no timer
# (ngx_single_process_cycle): a signal in between, on Linux as well, is acted upon
# at the next event.  So there is one.
sub quit {
    my ($g) = @_;
    kill 'TERM', $g->{pid};
    until_true(30, sub {
        return 1 if defined ended($g, 0);
        output('curl', '-s', '--max-time', 1, '-o', '/dev/null', "$http/");
        return 0;
    });
    return stop($g);
}

# What curl writes to standard output.
sub curl {
    my (@args) = @_;
    return output('curl', '-sS', '--max-time', 120, '--cacert',
        "$scratch/site/conf/tls/cert.pem", @args);
}

1;
