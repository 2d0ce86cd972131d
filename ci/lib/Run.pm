# One run of ci/full: runs steps, each with a log, and keeps the record and the
# status page up to date after every one.
package Run;
use strict;
use warnings;
use POSIX qw(strftime);
use Record qw(write_record prune_history);
use Tap;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

# status is where history, logs and page are kept; ci this folder.
sub new {
    my ($class, $status, $ci) = @_;
    my $id = strftime('%Y%m%dT%H%M%SZ', gmtime);
    for my $dir ($status, "$status/history", "$status/logs", "$status/logs/$id") {
        -d $dir or mkdir $dir or die "cannot make $dir: $!\n";
    }
    my $self = bless {
        status => $status,
        ci     => $ci,
        logs   => "logs/$id",
        record => {
            id        => $id,
            state     => 'running',
            pid       => $$,
            pid_start => Record::process_start($$),
            begin     => int time,
            steps     => [],
            packages  => [],
            machines  => [],
        },
    }, $class;
    $self->save;
    return $self;
}

sub save {
    my ($self) = @_;
    my $r = $self->{record};
    $r->{seconds} = int(time) - $r->{begin};
    write_record("$self->{status}/history/$r->{id}.json", $r);
    prune_history($self->{status});
    system("$self->{ci}/status", $self->{status}) == 0
      or warn "ci/full: the status page could not be written\n";
}

sub log_of { my ($self, $name) = @_; return "$self->{status}/$self->{logs}/$name.log" }

# Run a command with its output in the log NAME, appended; true if it succeeds.
# Returns (success, seconds).
sub command {
    my ($self, $name, @words) = @_;
    my $begin = clock_gettime(CLOCK_MONOTONIC);
    my $pid = fork;
    die "fork: $!\n" unless defined $pid;
    if (!$pid) {
        # A group of its own, to be ended as a whole.
        setpgrp 0, 0;
        open(STDIN, '<', '/dev/null') or POSIX::_exit(127);
        open(STDOUT, '>>', $self->log_of($name)) or POSIX::_exit(127);
        open(STDERR, '>&', \*STDOUT) or POSIX::_exit(127);
        exec { $words[0] } @words or print "$words[0]: $!\n";
        POSIX::_exit(127);
    }
    $self->{child} = $pid;
    waitpid $pid, 0;
    delete $self->{child};
    return ($? == 0, int((clock_gettime(CLOCK_MONOTONIC) - $begin) * 10 + 0.5) / 10);
}

# End what runs, if anything does.
sub end_command {
    my ($self) = @_;
    my $child = $self->{child} or return;
    kill 'TERM', -$child;
    waitpid $child, 0;
}

# Begin something: said on the terminal, and kept as how far we came.
sub at {
    my ($self, $what) = @_;
    print "=> full: $what\n";
    $self->{record}{at} = $what;
    $self->save;
}

# The last lines of a log, for who looks at the terminal.
sub complain {
    my ($self, $name) = @_;
    print qx{tail -n 20 '@{[$self->log_of($name)]}' | cut -c1-160 | sed 's/^/    /'};
}

# Where a step's tests leave what they print, until it has been read.
sub tap_of {
    my ($self, $name) = @_;
    return "$self->{status}/$self->{logs}/$name.tap";
}

# A step: its result, time and log; with {tap}, the counts of its tests.
sub step {
    my ($self, $name, $what, @words) = @_;
    $self->at($what);
    my $step = {name => $name, what => $what, log => "$self->{logs}/$name.log"};
    my $tap = $self->tap_of($name);
    local $ENV{PERL_TEST_HARNESS_DUMP_TAP} = $tap;
    my ($ok, $seconds) = $self->command($name, @words);
    @$step{qw(result seconds)} = ($ok ? 'passed' : 'failed', $seconds);
    my $phases = Tap::phases($tap, $self->log_of($name));
    $step->{phases} = $phases if @$phases;
    $self->machine($_) for @{Tap::machines($tap)};
    # Only the counts are kept: TAP of a run is ten times its logs.
    system('rm', '-rf', '--', $tap);
    push @{$self->{record}{steps}}, $step;
    print "   $step->{result} in $seconds s\n";
    $self->complain($name) unless $ok;
    $self->save;
    return $ok;
}

# A machine that several steps try is one machine.
sub machine {
    my ($self, $m) = @_;
    my $all = $self->{record}{machines};
    my ($known) = grep { $_->{name} eq $m->{name} } @$all;
    return push @$all, $m unless $known;
    $known->{tests} += $m->{tests};
    push @{$known->{failed}}, @{$m->{failed}};
    $known->{result} = 'failed' if $m->{result} eq 'failed';
}

# A step that cannot be done here, and why.
sub skip {
    my ($self, $name, $what, $why) = @_;
    print "=> full: $what: skipped: $why\n";
    push @{$self->{record}{steps}}, {name => $name, what => $what, result => 'skipped', why => $why};
    $self->save;
}

# All is done: the result of the whole, which is true if everything passed.
sub finish {
    my ($self) = @_;
    my $r = $self->{record};
    my @bad = grep { $_->{result} eq 'failed' } @{$r->{steps}}, @{$r->{packages}}, @{$r->{machines}};
    $r->{state} = 'finished';
    $r->{result} = @bad || !@{$r->{steps}} ? 'failed' : 'passed';
    $r->{end} = int time;
    delete $r->{at};
    $self->save;
    return !@bad;
}

1;
