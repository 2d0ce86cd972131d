# Which rows there are, and the order in which they are measured.
package Bench::Plan;
use strict;
use warnings;
use Bench::Scenario::Boot;
use Bench::Scenario::Kernel;
use Bench::Scenario::Memory;
use Bench::Scenario::Network;
use Bench::Scenario::Scaling;
use Bench::Scenario::Web;

# A scenario is what is measured in one boot:
#   name, guests, rows; once: the figure does not vary; run: sub(context, guest
#   kind), which returns { row name => { cpu, wall or value, raw } }.
sub scenarios {
    return (
        @Bench::Scenario::Boot::scenarios,
        @Bench::Scenario::Web::scenarios,
        @Bench::Scenario::Network::scenarios,
        @Bench::Scenario::Kernel::scenarios,
        @Bench::Scenario::Scaling::scenarios,
        # Last: it boots often.
        @Bench::Scenario::Memory::scenarios,
    );
}

sub rows { return map { @{$_->{rows}} } scenarios() }

# The names of the rows asked for: each word is a row's name or the beginning of
# several up to a hyphen.  All if no word is given.
sub select_rows {
    my (@words) = @_;
    my @names = map { $_->{name} } rows();
    return {map { $_ => 1 } @names} unless @words;
    my %want;
    for my $word (@words) {
        my @hit = grep { $_ eq $word || index($_, "$word-") == 0 } @names;
        die "bench: ONLY: there is no row '$word'; there are: @names\n"
          unless @hit;
        @want{@hit} = (1) x @hit;
    }
    return \%want;
}

# The guests of a scenario for one run, among those asked for.  Each run begins with
# another, so that none always comes first.
sub order {
    my ($scenario, $guests, $run) = @_;
    my @of = grep { $guests->{$_} } @{$scenario->{guests}};
    return unless @of;
    my $first = $run % @of;
    return (@of[$first .. $#of], @of[0 .. $first - 1]);
}

1;
