# Medians and what goes with them.
package Bench::Stats;
use strict;
use warnings;
use Exporter 'import';

our @EXPORT_OK = qw(median spread);

# The middle value; of an even number, the mean of the two in the middle.
# undef of none.
sub median {
    my @v = sort { $a <=> $b } @_;
    return unless @v;
    my $mid = int(@v / 2);
    return @v % 2 ? $v[$mid] : ($v[$mid - 1] + $v[$mid]) / 2;
}

# { median, min, max, n } of the values that are defined; undef of none.
sub spread {
    my @v = sort { $a <=> $b } grep { defined } @_;
    return unless @v;
    return {median => median(@v), min => $v[0], max => $v[-1], n => scalar @v};
}

1;
