# The results as a table in Markdown.
package Bench::Table;
use strict;
use warnings;
use Exporter 'import';

our @EXPORT_OK = qw(number table);

# Three digits that mean something, and no exponent.
sub number {
    my ($v) = @_;
    return '' unless defined $v;
    my $size = abs $v;
    my $digits = $size >= 100 ? 0 : $size >= 10 ? 1 : $size >= 1 ? 2 : 3;
    return sprintf '%.*f', $digits, $v;
}

sub spread_text {
    my ($f) = @_;
    return '' unless $f;
    return number($f->{median}) if $f->{min} == $f->{max};
    return number($f->{median}) . ' (' . number($f->{min}) . '-' .
      number($f->{max}) . ')';
}

sub ratio {
    my ($row, $own, $other) = @_;
    return '' unless $own && $other && $own->{median} && $other->{median};
    my $r = $row->{better} eq 'less' ? $other->{median} / $own->{median}
      : $own->{median} / $other->{median};
    return sprintf '%.2f', $r;
}

sub line { return '| ' . join(' | ', @_) . " |\n" }

sub facts_text {
    my ($f) = @_;
    my $linux = join ', ', map { "$_ $f->{packages}{$_}" }
      grep { /^(?:linux-image|nginx|libc6)/ } sort keys %{$f->{packages}};
    my $text = "$f->{date}, commit $f->{commit}; $f->{qemu}, accelerator " .
      "$f->{accelerator}, network $f->{network}; $f->{cpus} CPUs, $f->{cpu}, " .
      "load $f->{load} at the start";
    $text .= "; Linux guest: $linux" if $linux;
    return "$text.\n";
}

# rows: those to show; base: earlier results to compare with, or undef.
sub table {
    my ($results, $rows, $base) = @_;
    my @all = @$rows;
    my @shown = grep { $results->main_figure($_, 'rumprun')
          || $results->main_figure($_, 'linux') } @all;
    my $ring3 = grep { $_->{guest} eq 'ring3' } @{$results->{samples}};
    my @head = ('figure', 'unit', 'rumprun', 'Linux guest', 'times better',
        'target', '');
    push @head, 'ring 3', 'of ring 0' if $ring3;
    push @head, 'earlier', 'times better' if $base;
    my $text = facts_text($results->{facts}) . "\n" . line(@head) .
      line(('---') x @head);
    for my $row (@shown) {
        for my $what (grep { $row->{unit}{$_} } qw(cpu value wall)) {
            $text .= figure_line($results, $row, $what, \@all, $ring3, $base);
        }
    }
    my $trivial = join ', ', map {
        my $f = $results->main_figure($_, 'trivial');
        $f ? "$_->{name} " . spread_text($f) . " $_->{unit}{cpu}" : ()
    } @shown;
    $text .= "\nThe trivial guest, which prints a byte and ends: $trivial.\n"
      if $trivial;
    return $text . failures_text($results);
}

sub figure_line {
    my ($results, $row, $what, $all, $ring3, $base) = @_;
    my %judged = (%$row, ($what eq 'wall' && $row->{wall_better}
        ? (better => $row->{wall_better}) : ()));
    my $own = $results->figure($row->{name}, 'rumprun', $what);
    my $linux = $results->figure($row->{name}, 'linux', $what);
    my ($main) = grep { $row->{unit}{$_} } qw(cpu value wall);
    my $target = $what eq $main ? $results->target($row, $all) : undef;
    my @cells = ($what eq $main ? "$row->{title} (`$row->{name}`)" : '',
        $row->{unit}{$what}, spread_text($own), spread_text($linux),
        ratio(\%judged, $own, $linux), target_cells($target));
    if ($ring3) {
        my $apart = $results->figure($row->{name}, 'ring3', $what);
        push @cells, spread_text($apart), ratio(\%judged, $apart, $own);
    }
    if ($base) {
        my $then = $base->figure($row->{name}, 'rumprun', $what);
        push @cells, spread_text($then), ratio(\%judged, $own, $then);
    }
    return line(@cells);
}

sub target_cells {
    my ($t) = @_;
    return ('', '') unless $t;
    return ($t->{text}, '') unless defined $t->{limit};
    my $limit = number($t->{limit});
    my ($said) = $t->{text} =~ /^([\d.]+) [KMu]/;
    my $text = defined $said && $said == $t->{limit} ? $t->{text}
      : "$t->{text}: $limit";
    return ($text, $t->{reached} ? 'reached' : '**not reached**');
}

sub failures_text {
    my ($results) = @_;
    my @failed = @{$results->{failures}} or return '';
    return "\nRuns that gave no figure:\n\n" . join '', map {
        my ($why) = split /\n/, $_->{why};
        "- $_->{scenario}, $_->{guest}, run $_->{run}: $why\n"
    } @failed;
}

1;
