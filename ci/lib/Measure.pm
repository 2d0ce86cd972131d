# What a package's image costs: sizes, the time from start to the first answer,
# the least memory.  Boots it by its run script, as an operator does.
package Measure;
use strict;
use warnings;
use Exporter 'import';
use File::Temp qw(tempdir);
use IO::Socket::INET;
use JSON::PP;
use POSIX qw(WNOHANG);
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC sleep);

our @EXPORT_OK = qw(measure bisect median);

# Boots of which the median counts.
our $BOOTS = 5;
# Seconds that a guest with enough memory may take on the busiest host.
our $LIMIT = 120;

sub median {
    my @v = sort { $a <=> $b } @_;
    return @v ? $v[$#v / 2] : undef;
}

# The least n in low + 1 .. high for which works(n); high is known to work.
sub bisect {
    my ($low, $high, $works) = @_;
    while ($high - $low > 1) {
        my $middle = int(($low + $high) / 2);
        if ($works->($middle)) { $high = $middle } else { $low = $middle }
    }
    return $high;
}

sub free_port {
    my $s = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1')
      or die "no free port: $!\n";
    return $s->sockport;
}

# CPU time of a process in milliseconds: proc(5), fields 14 and 15 of stat.
sub cpu_ms {
    my ($pid) = @_;
    open(my $f, '<', "/proc/$pid/stat") or return undef;
    my @field = split ' ', (<$f> // '') =~ s/^.*\) //r;
    return ($field[11] + $field[12]) * 1000 / POSIX::sysconf(POSIX::_SC_CLK_TCK());
}

# The QEMU of the launcher below us, by /proc: its child.
sub child_of {
    my ($pid) = @_;
    open(my $f, '<', "/proc/$pid/task/$pid/children") or return undef;
    return (split ' ', <$f> // '')[0];
}

# package: { name, prefix (where it is installed), probe (a shell command that
# succeeds when the program has answered, with ports in P<guest port> and
# the console's file in CONSOLE), memory, publish }.  Returns { ms, cpu } or a
# text that says why not.
sub boot {
    my ($p, $memory, $limit, $log) = @_;
    my $tmp = tempdir(CLEANUP => 1);
    my (@publish, %env);
    for my $spec (split ' ', $p->{publish}) {
        my ($guest, $udp) = $spec =~ m{(\d+)(/udp)?$} or next;
        my $port = free_port();
        push @publish, "127.0.0.1:$port:$guest" . ($udp // '');
        $env{"P$guest"} = $port;
    }
    $env{CONSOLE} = "$tmp/out";
    my $begin = clock_gettime(CLOCK_MONOTONIC);
    my $pid = fork;
    die "fork: $!\n" unless defined $pid;
    if (!$pid) {
        setpgrp;
        open(STDIN, '<', '/dev/null') or POSIX::_exit(127);
        open(STDOUT, '>', "$tmp/out") or POSIX::_exit(127);
        open(STDERR, '>>', $log) or POSIX::_exit(127);
        $ENV{RUMPRUN_PUBLISH} = "@publish";
        $ENV{RUMPRUN_MEMORY} = $memory;
        $ENV{RUMPRUN_NAME} = "measure-$p->{name}-$$";
        exec "$p->{prefix}/bin/rumprun-$p->{name}" or POSIX::_exit(127);
    }
    my ($answer, $ended, $why);
    until ($answer) {
        if (waitpid($pid, WNOHANG) == $pid) {
            $ended = ($? & 127) ? 128 + ($? & 127) : $? >> 8;
            # What publishes nothing answers by what it prints, and ends.
            $answer = {ms => 1000 * (clock_gettime(CLOCK_MONOTONIC) - $begin)}
              if $ended == 0 && ($p->{probe} eq '' || probe($p, %env));
            $why = "the guest ended with status $ended";
            last;
        }
        if ($p->{probe} ne '' && probe($p, %env)) {
            my $qemu = child_of($pid);
            $answer = {ms => 1000 * (clock_gettime(CLOCK_MONOTONIC) - $begin),
                cpu => defined $qemu ? cpu_ms($qemu) : undef};
            last;
        }
        if (clock_gettime(CLOCK_MONOTONIC) - $begin > $limit) {
            $why = "no answer within $limit s";
            last;
        }
        sleep 0.01;
    }
    if (!defined $ended) {
        kill 'TERM', $pid;
        my $end = clock_gettime(CLOCK_MONOTONIC) + 15;
        while (waitpid($pid, WNOHANG) == 0) {
            kill 'KILL', $pid if clock_gettime(CLOCK_MONOTONIC) > $end;
            sleep 0.02;
        }
    }
    return $answer // $why;
}

sub probe {
    my ($p, %env) = @_;
    local @ENV{keys %env} = values %env;
    return system("( $p->{probe} ) >/dev/null 2>&1") == 0;
}

# Adds figures to a package's entry of the record; what could not be measured
# is left out, and {unmeasured} says why.
sub measure {
    my ($p, $entry, $log) = @_;
    my @boots;
    for (1 .. $BOOTS) {
        my $b = boot($p, $p->{memory}, $LIMIT, $log);
        if (!ref $b) {
            $entry->{unmeasured} = $b;
            return 0;
        }
        push @boots, $b;
    }
    $entry->{boot_ms} = int(median(map { $_->{ms} } @boots) + 0.5);
    my @cpu = grep { defined } map { $_->{cpu} } @boots;
    $entry->{boot_cpu_ms} = int(median(@cpu) + 0.5) if @cpu;
    # One that thrashes instead of ending is one that does not work.
    my $patience = 5 + 20 * $entry->{boot_ms} / 1000;
    $entry->{least_memory_mib} = bisect(0, $p->{memory}, sub {
        return ref boot($p, $_[0], $patience, $log);
    });
    return 1;
}

1;
