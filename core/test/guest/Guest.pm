# Guest tests: the same binary on Linux and in a guest must print the same.
package Guest;
use strict;
use warnings;
use Cwd qw(abs_path);
use Exporter 'import';
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use POSIX qw(:sys_wait_h);
use Test::More;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

our @EXPORT = qw(differential guest native image privileged run slurp spew scratch $top $build);

our $top = abs_path(dirname(__FILE__) . '/../../..');
our $build = $ENV{BUILD} || "$top/build";
my $dir = "$build/test/guest";
my $rumprun = "$build/toolchain/bin/rumprun";

# A guest that has not ended after so many seconds hangs.  Generous: the host may
# be busy, and a hang is the only thing this must catch.
my $limit = $ENV{GUEST_TIMEOUT} || 180;

# Processors of each guest, unless a test says how many: GUEST_CPUS=2 runs any of
# the tests on two.
my $cpus = $ENV{GUEST_CPUS} || 1;
# Likewise the ring that programs run in; GUEST_RING=3 wants the images that
# `bmake -C core/test ring3' bakes.
my $ring = $ENV{GUEST_RING} || 0;

my $scratch = tempdir(CLEANUP => 1);
sub scratch { return $scratch }

# Returns the path.
sub spew {
    my ($path, $text) = @_;
    open(my $f, '>:raw', $path) or die "$path: $!\n";
    print $f $text;
    close $f or die "$path: $!\n";
    return $path;
}

sub slurp {
    my ($path) = @_;
    open(my $f, '<:raw', $path) or die "$path: $!";
    local $/;
    my $text = <$f>;
    return defined $text ? $text : '';
}

# Run a command with the given standard input; returns what it wrote and how it
# ended: { out, err, status }, status as a shell would say it.
sub run {
    my ($cmd, %o) = @_;
    my $me = $$; # tests fork, and each process has its own files
    my $in = "$scratch/in.$$";
    open(my $f, '>:raw', $in) or die;
    print $f defined $o{stdin} ? $o{stdin} : '';
    close $f;
    my $pid = fork;
    die "fork: $!" unless defined $pid;
    if (!$pid) {
        open(STDIN, '<', $in) or die;
        open(STDOUT, '>', "$scratch/out.$me") or die;
        open(STDERR, '>', "$scratch/err.$me") or die;
        if ($o{clean}) {
            %ENV = (PATH => $ENV{PATH});
        }
        /^([^=]*)=(.*)$/s and $ENV{$1} = $2 for @{$o{env} || []};
        chdir $o{chdir} or die if $o{chdir};
        # A session of its own: what the program sees of one must not depend on
        # who runs the tests (in a PID namespace the caller's may be 0), nor may nice.
        POSIX::setsid();
        setpriority(0, 0, 0);
        exec {$cmd->[0]} @$cmd or die "$cmd->[0]: $!";
    }
    my $end = clock_gettime(CLOCK_MONOTONIC) + ($o{limit} || $limit);
    my $hung = 0;
    while (!waitpid($pid, WNOHANG)) {
        select(undef, undef, undef, 0.02);
        if (clock_gettime(CLOCK_MONOTONIC) > $end) {
            $hung = 1;
            kill 'KILL', $pid;
            waitpid($pid, 0);
            last;
        }
    }
    my $status = ($? & 127) ? 128 + ($? & 127) : $? >> 8;
    return {
        out    => slurp("$scratch/out.$me"),
        err    => slurp("$scratch/err.$me"),
        status => $hung ? 'hung' : $status,
    };
}

# Path of a baked test image.
sub image {
    my ($name, $config, $in) = @_; # $in: the ring
    $config ||= 'hw_virtio';
    return bake_with($name, $config, $ENV{GUEST_ADD}) if $ENV{GUEST_ADD};
    return "$dir/$name.$config" . (($in || $ring) == 3 ? '.ring3' : '') . '.bin';
}

# GUEST_ADD=debug runs any of the tests with images that have this component too.
my %test_components = (hardening => 'trials', crimes => 'trials', leaks => 'trials',
    bare => 'fxsave');
sub bake_with {
    my ($name, $config, $add) = @_;
    my $image = "$dir/$name.$config.$add.bin";
    my $plain = "$dir/$name.$config.bin";

    return $image if -e $image && -e $plain && -M $image <= -M $plain;
    system("$build/toolchain/bin/rumprun-bake", '-m',
        join(' ', 'add', $add, $test_components{$name} || ()),
        $config, $image, "$dir/$name") == 0 or die "cannot bake $image";
    return $image;
}

# Boot an image; options of the launcher go in opts.
sub guest {
    my ($name, %o) = @_;
    my @env = map { ('-e', $_) } @{$o{env} || []};
    my $cmd = [
        $rumprun, 'qemu', '-i', '-M', $o{memory} || 64,
        '-C', $o{cpus} || $cpus,
        ($o{machine} ? ('--machine', $o{machine}) : ()),
        @env, @{$o{opts} || []}, '--',
        $o{image} || image($name, $o{config}, $o{ring}), @{$o{args} || []}
    ];
    my $r = run($cmd, %o, env => []);
    $r->{command} = join ' ', @$cmd;
    return $r;
}

sub native {
    my ($name, %o) = @_;
    my $where = "$scratch/native";
    mkdir $where;
    return run(["$dir/$name", @{$o{native_args} || $o{args} || []}],
        %o, clean => 1, chdir => $where);
}

sub console {
    my ($r) = @_;
    diag("command: $r->{command}") if $r->{command};
    diag("status $r->{status}; standard error:");
    diag(substr $r->{err}, -3000);
}

# May programs do here what root may?  Not in a user namespace, for instance.
my $privileged;
sub privileged {
    if (!defined $privileged) {
        my $pid = fork;
        die "fork: $!" unless defined $pid;
        POSIX::_exit($> == 0 && setpriority(0, 0, -1) ? 0 : 1) if !$pid;
        waitpid $pid, 0;
        $privileged = $? == 0;
    }
    return $privileged;
}

# One check for each line that the program prints on Linux, and for its status.
sub differential {
    my ($name, %o) = @_;
    my $want = native($name, %o);
    my $got = guest($name, %o);
    my @want = split /\n/, $want->{out}, -1;
    my @got = split /\n/, $got->{out}, -1;
    my $bad = 0;

    if (!privileged()) {
        @$_ = grep { !/^as root: / } @$_ for \@want, \@got;
    }
    for my $i (0 .. $#want) {
        next if $i == $#want && $want[$i] eq '';
        my $line = length $want[$i] > 60 || $want[$i] =~ /[^ -~]/
          ? 'line ' . ($i + 1) : $want[$i];
        is($got[$i], $want[$i], "$name: $line") or $bad++;
        last if $bad > 20;
    }
    is(scalar @got, scalar @want, "$name: nothing more") or $bad++;
    is($got->{status}, $want->{status}, "$name: exit status") or $bad++;
    console($got) if $bad;
    if ($o{stderr}) {
        like($got->{err}, $o{stderr}, "$name: standard error") or console($got);
    } else {
        is($got->{err}, $want->{err}, "$name: standard error");
    }
    return $got;
}

1;
