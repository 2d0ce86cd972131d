# Hand-made histories for the tests of the status page.
package Histories;
use strict;
use warnings;
use Exporter 'import';
use FindBin;
use lib "$FindBin::Bin/../lib";
use Record qw(write_record);

our @EXPORT_OK = qw(run save sample);

# A run that passed, as ci/full records it; the caller may change it.
sub run {
    my ($n) = @_;
    my $begin = 1793512800 + $n * 43200;    # 06:00 and 18:00 UTC
    my $wave = ($n * 37) % 11;
    return {
        id => sprintf('2026%04d-0600', $n + 1000), pid => 1, pid_start => 'x',
        begin => $begin, end => $begin + 2400, seconds => 2400 + 30 * $wave,
        state => 'finished', result => 'passed',
        commit => {id => sprintf('%08x%032x', 0xabcdef00 + $n * 7919, $n), subject => 'net: fewer copies',
            date => $begin - 3600},
        host => {system => 'Debian GNU/Linux 12 (bookworm)', kernel => '6.1.0', cpu => 'Some Processor',
            cpus => 2, memory_mib => 24000, qemu => '7.2.19', accelerator => 'tcg'},
        packages => [
            package_of('nginx', '1.26.3', 45 + $wave, 5_900_000 - 9000 * $n, 8, 320 + 3 * $wave, 230 + $wave),
            package_of('netcat', '1.10', 2.1, 610_000, 3, 150 + $wave, 110),
            {name => 'zlib', version => '1.3.1', result => 'passed', build_seconds => 6.4},
        ],
        steps => [
            {name => 'core', what => 'toolchain and kernel', result => 'passed', seconds => 95 + $wave},
            {name => 'test', what => 'make test', result => 'passed', seconds => 600 + 10 * $wave,
                phases => [
                    {name => 'core/test/guest', result => 'passed', programs => 30, tests => 12000,
                        failed => 0, bad => [], seconds => 180.4},
                    {name => 'packages/nginx/test', result => 'passed', programs => 2, tests => 160,
                        failed => 0, bad => [], seconds => 40},
                ]},
        ],
        machines => [
            {name => 'q35', result => 'passed', tests => 13, failed => []},
            {name => 'microvm', result => 'passed', tests => 13, failed => []},
        ],
    };
}

sub package_of {
    my ($name, $version, $seconds, $size, $memory, $ms, $cpu) = @_;
    return {name => $name, version => $version, result => 'passed', build_seconds => $seconds,
        image_bytes => 2 * $size, stripped_bytes => $size, least_memory_mib => $memory,
        boot_ms => $ms, boot_cpu_ms => $cpu};
}

# Write records, and a log for each package and step of the last.
sub save {
    my ($dir, @runs) = @_;
    mkdir $_ for $dir, "$dir/history", "$dir/logs";
    for my $run (@runs) {
        mkdir "$dir/logs/$run->{id}";
        for my $part (grep { ref eq 'HASH' } map { ref eq 'ARRAY' ? @$_ : () } @{$run}{qw(packages steps)}) {
            next if $part->{log} || $part->{name} =~ m{[^\w-]};
            $part->{log} = "logs/$run->{id}/$part->{name}.log";
            open(my $f, '>', "$dir/$part->{log}") or die;
            print $f "what $part->{name} said\n";
        }
        write_record("$dir/history/$run->{id}.json", $run);
    }
}

# A month as it is: one failure, one interruption, then a package that fails.
sub sample {
    my @runs = map { run($_) } 1 .. 24;
    my $r = $runs[7];
    $r->{result} = 'failed';
    @{$r->{steps}[1]}{qw(result)} = ('failed');
    $runs[15]{state} = 'running';
    delete @{$runs[15]}{qw(result end seconds machines)};
    $runs[15]{at} = 'make test';
    $r = $runs[-1];
    $r->{result} = 'failed';
    $r->{packages}[1] = {name => 'netcat', version => '1.10', result => 'failed',
        build_seconds => 0.8, why => 'build failed: see the log'};
    $r->{steps}[1]{phases}[0] = {name => 'core/test/guest', result => 'failed', programs => 30,
        tests => 12000, failed => 2, bad => ['core/test/guest/net.t'], seconds => 190};
    $r->{steps}[1]{result} = 'failed';
    $r->{machines}[1] = {name => 'microvm', result => 'failed', tests => 13, failed => ['sockets']};
    return @runs;
}

1;
