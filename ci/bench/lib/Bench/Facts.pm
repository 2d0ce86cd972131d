# What a figure is worth nothing without: the machine, the versions, the commit.
package Bench::Facts;
use strict;
use warnings;
use POSIX qw(strftime uname);
use Bench::Qemu;

sub first_line {
    my (@command) = @_;
    my $pid = open(my $f, '-|');
    defined $pid or return '';
    if (!$pid) {
        open(STDERR, '>', '/dev/null');
        exec {$command[0]} @command or POSIX::_exit(127);
    }
    my $text = do { local $/; <$f> };
    close $f;
    return defined $text && $text =~ /([^\n]+)/ ? $1 : '';
}

sub slurp {
    my ($path) = @_;
    open(my $f, '<', $path) or return '';
    local $/;
    return <$f> // '';
}

# top: the tree; linux: the folder of the Linux guest, or undef.
sub gather {
    my ($top, $linux, $net) = @_;
    my ($cpu) = slurp('/proc/cpuinfo') =~ /^model name\s*:\s*(.*)$/m;
    my ($system, undef, $release) = uname();
    my $commit = first_line('git', '-C', $top, 'rev-parse', '--short=12', 'HEAD');
    my $changed = first_line('git', '-C', $top, 'status', '--porcelain',
        '--untracked-files=no');
    my $count = () = slurp('/proc/cpuinfo') =~ /^processor\s*:/mg;
    return {
        date        => strftime('%Y-%m-%dT%H:%M:%SZ', gmtime),
        commit      => $commit . ($changed ? ', changed' : ''),
        qemu        => first_line(Bench::Qemu::QEMU, '--version'),
        accelerator => Bench::Qemu::accelerator(),
        network     => $net,
        cpu         => $cpu || 'unknown',
        cpus        => $count,
        host        => "$system $release",
        load        => (split ' ', slurp('/proc/loadavg'))[0],
        wrk         => first_line('wrk', '-v'),
        packages    => $linux
          ? {map { /^(\S+) (\S+)$/ ? ($1 => $2) : () }
              split /\n/, slurp("$linux/versions")} : {}
    };
}

1;
