# Facts about this machine and this commit, for the record of a run.
package Host;
use strict;
use warnings;
use Exporter 'import';
use File::Basename qw(dirname);
use lib dirname(__FILE__) . '/../../core/test';
use Kvm qw(kvm_usable);

our @EXPORT_OK = qw(host commit);

sub slurp { my ($path) = @_; open(my $f, '<', $path) or return ''; local $/; return <$f> // '' }

sub said {
    my (@words) = @_;
    open(my $f, '-|', @words) or return '';
    local $/;
    my $text = <$f> // '';
    close $f;
    return $text =~ s/\n+\z//r;
}

# qemu is asked for after the build has installed it.
sub host {
    my ($system) = slurp('/etc/os-release') =~ /^PRETTY_NAME="?([^"\n]*)/m;
    my ($cpu) = slurp('/proc/cpuinfo') =~ /^model name\s*:\s*(.*)$/m;
    my ($memory) = slurp('/proc/meminfo') =~ /^MemTotal:\s*(\d+)/m;
    my ($qemu) = said('sh', '-c', 'qemu-system-x86_64 --version 2>/dev/null') =~ /version (\S+)/;
    return {
        system      => $system // 'unknown',
        kernel      => said('uname', '-r'),
        cpu         => $cpu // 'unknown',
        cpus        => said('nproc') + 0,
        memory_mib  => int(($memory // 0) / 1024),
        qemu        => $qemu // 'none yet',
        accelerator => kvm_usable() ? 'kvm' : 'tcg',
    };
}

sub commit {
    my ($dir) = @_;
    my ($id, $date, $subject) = split /\n/, said('git', '-C', $dir, 'log', '-1', '--format=%H%n%ct%n%s'), 3;
    return {id => $id, date => $date + 0, subject => $subject};
}

1;
