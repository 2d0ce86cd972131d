# The raw figures, and what they come to.
package Bench::Results;
use strict;
use warnings;
use JSON::PP;
use Bench::Stats qw(spread);

use constant FORMAT => 1;

sub new {
    my ($class, $facts) = @_;
    return bless {format => FORMAT, facts => $facts, samples => [],
        failures => []}, $class;
}

# One figure of one run: cpu and wall, or value; raw is kept as it is.
sub add {
    my ($self, $row, $guest, $run, $figure) = @_;
    push @{$self->{samples}},
      {row => $row, guest => $guest, run => $run + 1, %$figure};
}

sub add_failure {
    my ($self, $scenario, $guest, $run, $why) = @_;
    push @{$self->{failures}},
      {scenario => $scenario, guest => $guest, run => $run + 1, why => $why};
}

# { median, min, max, n } of a figure (cpu, wall or value); undef if there is none.
sub figure {
    my ($self, $row, $guest, $what) = @_;
    return spread(map { $_->{$what} }
          grep { $_->{row} eq $row && $_->{guest} eq $guest }
          @{$self->{samples}});
}

# The figure that a row is judged by.
sub main_figure {
    my ($self, $row, $guest) = @_;
    my ($what) = grep { $row->{unit}{$_} } qw(cpu value wall);
    return $self->figure($row->{name}, $guest, $what);
}

# Whether a row's target is reached: { text, limit, reached }, without limit where
# what it compares with was not measured; undef if it has none.
sub target {
    my ($self, $row, $rows) = @_;
    my $target = $row->{target} or return;
    my $own = $self->main_figure($row, 'rumprun') or return;
    my %by = map { $_->{name} => $_ } @$rows;
    my $missing = 0;
    my $limit = $target->{limit}->(sub {
        my ($name, $guest) = @_;
        my $f = $self->main_figure($by{$name}, $guest);
        $missing = 1 unless $f;
        return $f ? $f->{median} : 0;
    });
    return {text => $target->{text}} if $missing;
    return {
        text    => $target->{text},
        limit   => $limit,
        reached => ($row->{better} eq 'less' ? $own->{median} <= $limit
            : $own->{median} >= $limit) ? 1 : 0
    };
}

sub write {
    my ($self, $path) = @_;
    open(my $f, '>', "$path.new") or die "bench: $path.new: $!\n";
    print $f JSON::PP->new->pretty->canonical->encode({%$self});
    close $f or die "bench: $path.new: $!\n";
    rename "$path.new", $path or die "bench: $path: $!\n";
}

sub read {
    my ($class, $path) = @_;
    open(my $f, '<', $path) or die "bench: $path: $!\n";
    local $/;
    my $r = eval { decode_json(<$f>) };
    die "bench: $path: not a results file of 'make bench'\n"
      unless ref $r eq 'HASH' && ref $r->{samples} eq 'ARRAY';
    die "bench: $path: format " . ($r->{format} // 'none') . ', not ' . FORMAT .
      "\n" unless ($r->{format} // '') eq FORMAT;
    return bless $r, $class;
}

1;
