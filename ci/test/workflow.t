#!/usr/bin/perl
# The workflow: parses as YAML, and what it runs exists.
use strict;
use warnings;
use FindBin;
use JSON::PP;
use Test::More;

my $top = "$FindBin::Bin/../..";
my $file = "$top/.github/workflows/build.yml";

# Python's parser, which Debian's meson brings along or the tests install.
my $text = qx{python3 -c 'import json, sys, yaml
print(json.dumps(yaml.load(open(sys.argv[1]), Loader=yaml.BaseLoader)))' '$file'};
is($?, 0, 'it parses') or die "no YAML\n";
my $w = decode_json($text);

is_deeply([sort keys %{$w->{on}}], [qw(pull_request push schedule workflow_dispatch)], 'when it runs');
is_deeply([map { $_->{cron} } @{$w->{on}{schedule}}], ['0 6,18 * * *'], 'at 06:00 and 18:00 UTC');
my %jobs = %{$w->{jobs}};
is_deeply([sort keys %jobs], [qw(change full publish)], 'jobs');
for my $job (sort keys %jobs) {
    ok($jobs{$job}{'timeout-minutes'} > 0, "$job ends some time");
    ok($jobs{$job}{'runs-on'}, "$job runs somewhere");
    my $container = $jobs{$job}{container};
    $container = $container->{image} if ref $container;
    is($container, 'debian:12', "$job: container") if $job ne 'publish';
    for my $need (map { ref ? @$_ : $_ } $jobs{$job}{needs} // []) {
        ok($jobs{$need}, "$job needs $need, which exists");
    }
    for my $step (@{$jobs{$job}{steps}}) {
        ok((defined $step->{run} xor defined $step->{uses}), "$job: a step is one thing");
        like($step->{uses}, qr{^actions/[\w/-]+\@v\d+$}, "$job: $step->{uses}") if $step->{uses};
        next unless $step->{run};
        is(system('sh', '-n', '-c', $step->{run}), 0, "$job: the shell reads it");
        for my $line (split /\n/, $step->{run}) {
            my ($command) = $line =~ m{^\s*((?:\.ci|ci|scripts)/\S+)} or next;
            ok(-x "$top/$command", "$job: $command exists");
        }
    }
}
my %runs = map { my $j = $_; $j => join "\n", map { $_->{run} // () } @{$jobs{$j}{steps}} } keys %jobs;
like($runs{change}, qr{^\.ci/run$}m, 'each change runs .ci/run');
like($runs{full}, qr{^ci/full }m, 'the schedule runs ci/full');
is($jobs{full}{if}, "github.event_name == 'schedule' || github.event_name == 'workflow_dispatch'",
    'and only then');

done_testing();
