#!/usr/bin/perl
# What the bench refuses, and that it says which setting it is.
use strict;
use warnings;
use FindBin;
use Test::More;

my %wrong = (
    RUNS    => [qw(0 -1 x 1.5)],
    SECONDS => ['0'],
    ONLY    => ['nginx-k'],
    GUESTS  => ['rumprun,windows'],
    NET     => ['wifi'],
    BASE    => ['/nonexistent/results.json', '/dev/null']
);
for my $name (sort keys %wrong) {
    for my $value (@{$wrong{$name}}) {
        local $ENV{$name} = $value;
        my $said = qx{$FindBin::Bin/../bench 2>&1};
        is($? >> 8, 2, "$name=$value is refused");
        my $part = $name eq 'BASE' ? $value : $name;
        like($said, qr/^bench: .*\Q$part\E/, 'and named')
          or diag($said);
        is(scalar(split /\n/, $said), 1, 'in one line');
    }
}
done_testing();
