# What the tests of ports share: boot an image with published ports, talk to
# it, stop it.
package PortTest;
use strict;
use warnings;
use Cwd qw(abs_path);
use Exporter 'import';
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use IO::Socket::INET;
use POSIX qw(WNOHANG);
use Test::More;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

our @EXPORT = qw(same_everywhere start stop ended free_port command output slurp write_file
  show_console until_true $top $build $scratch $target);

our $top = abs_path(dirname(__FILE__) . '/../..');
our $build = $ENV{BUILDDIR} || "$top/build";
our $target = 'x86_64-rumprun-linux-musl';
our $scratch = tempdir(CLEANUP => 1);

$ENV{PATH} = "$build/toolchain/bin:$ENV{PATH}";
$ENV{LC_ALL} = 'C';
# Proxies are for the world outside.
delete @ENV{qw(http_proxy https_proxy all_proxy)};

my %running;

sub slurp {
    my ($path) = @_;
    open(my $f, '<:raw', $path) or return '';
    local $/;
    my $text = <$f>;
    return defined $text ? $text : '';
}

sub write_file {
    my ($path, $text) = @_;
    open(my $f, '>:raw', $path) or die "$path: $!";
    print $f $text;
    close $f or die "$path: $!";
}

# Run a command that has to work; what it says is shown only if it does not.
sub command {
    my (@words) = @_;
    my $log = "$scratch/command.log";
    my $pid = fork;
    if (!$pid) {
        open(STDOUT, '>', $log) or die;
        open(STDERR, '>&', \*STDOUT) or die;
        exec @words or die "$words[0]: $!";
    }
    waitpid $pid, 0;
    return 1 if $? == 0;
    diag("@words\n" . substr slurp($log), -2000);
    return 0;
}

# Standard output of a command, its status in $?.
sub output {
    my (@words) = @_;
    open(my $f, '-|', @words) or die "$words[0]: $!";
    binmode $f;
    local $/;
    my $text = <$f>;
    close $f;
    return defined $text ? $text : '';
}

# A program with a library: what it prints on Linux is right, and the guest has
# to print the same.
sub same_everywhere {
    my ($source, $pc) = @_;
    my ($prog, $image) = ("$scratch/prog", "$scratch/prog.bin");
    chomp(my $flags = output("$target-pkg-config", '--cflags', '--libs', $pc));
    command("$target-gcc", '-O2', '-Wall', '-o', $prog, $source,
        split ' ', $flags) or die "cannot compile with $pc\n";
    my $want = output($prog);
    is($?, 0, "$pc: works on Linux");
    return if ($ENV{NATIVE} || '') eq 'yes';
    command('rumprun-bake', 'hw_virtio', $image, $prog)
      or die "cannot bake\n";
    my $g = start(['rumprun', 'qemu', '-i', '-M', 64, '--', $image]);
    my $status = ended($g, 120);
    is(defined $status ? $status : stop($g), 0, "$pc: works in a guest")
      or show_console($g);
    is(slurp($g->{out}), $want, "$pc: and prints the same");
}

my %given;

# A port of this machine that nothing uses.
sub free_port {
    while (1) {
        my $s = IO::Socket::INET->new(Listen => 1,
            LocalAddr => '127.0.0.1') or die "no free port: $!";
        return $s->sockport unless $given{$s->sockport}++;
    }
}

# Start a command in the background, its console in files; with in => 1 one
# can write to its standard input through {in}.
sub start {
    my ($words, %o) = @_;
    my $n = keys(%given) . '-' . time;
    my $g = {
        out     => "$scratch/$n.out",
        err     => "$scratch/$n.err",
        command => "@$words"
    };
    pipe(my $reader, my $writer) or die;
    $g->{pid} = fork;
    if (!$g->{pid}) {
        close $writer;
        if ($o{in}) {
            open(STDIN, '<&', $reader) or die;
        } else {
            open(STDIN, '<', '/dev/null') or die;
        }
        open(STDOUT, '>', $g->{out}) or die;
        open(STDERR, '>', $g->{err}) or die;
        exec @$words or die "$words->[0]: $!";
    }
    close $reader;
    $g->{in} = $writer if $o{in};
    $running{$g->{pid}} = $g;
    return $g;
}

# Has it ended within so many seconds?  Its status as a shell would say it.
sub ended {
    my ($g, $limit) = @_;
    return $g->{status} if defined $g->{status};
    my $done = until_true($limit, sub { waitpid($g->{pid}, WNOHANG) != 0 });
    return undef unless $done;
    $g->{status} = ($? & 127) ? 128 + ($? & 127) : $? >> 8;
    delete $running{$g->{pid}};
    return $g->{status};
}

# The launcher passes SIGTERM on to the guest, which shuts down.
sub stop {
    my ($g, $limit) = @_;
    return $g->{status} if defined $g->{status};
    kill 'TERM', $g->{pid};
    my $status = ended($g, $limit || 30);
    return $status if defined $status;
    kill 'KILL', $g->{pid};
    return 'hung' unless defined ended($g, 10);
    return 'hung';
}

sub show_console {
    my ($g) = @_;
    diag("command: $g->{command}");
    diag('its console: ' . substr slurp($g->{out}), -1000);
    diag(substr slurp($g->{err}), -3000);
}

sub until_true {
    my ($limit, $test) = @_;
    my $end = clock_gettime(CLOCK_MONOTONIC) + $limit;
    while (1) {
        return 1 if $test->();
        return 0 if clock_gettime(CLOCK_MONOTONIC) > $end;
        select undef, undef, undef, 0.02;
    }
}

END {
    my $status = $?;
    for my $g (values %running) {
        kill 'TERM', $g->{pid};
        kill 'KILL', $g->{pid} unless defined ended($g, 5);
        waitpid $g->{pid}, 0;
    }
    $? = $status;
}

1;
