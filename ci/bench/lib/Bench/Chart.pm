# The results as a chart: how many times better than the Linux guest each row is, on
# a logarithmic axis, with the range of the runs and, where there is a target, its place.
package Bench::Chart;
use strict;
use warnings;
use Exporter 'import';
use List::Util qw(min max);

our @EXPORT_OK = qw(chart);

# Pixels.
use constant {WIDTH => 900, LEFT => 400, RIGHT => 70, TOP => 64, LINE => 24,
    BAR => 12, BOTTOM => 56};

sub escape {
    my ($s) = @_;
    my %name = ('&' => 'amp', '<' => 'lt', '>' => 'gt', '"' => 'quot');
    return $s =~ s/([&<>"])/&$name{$1};/gr;
}

# How many times better own is than other.
sub better {
    my ($row, $own, $other) = @_;
    return $row->{better} eq 'less' ? $other / $own : $own / $other;
}

# What is drawn of a row: { title, value, low, high, target }; undef without both
# guests' figures.  Low and high are the medians' ratio at the worst and the best of
# our runs.
sub bar {
    my ($results, $row, $rows) = @_;
    my $own = $results->main_figure($row, 'rumprun') or return;
    my $linux = $results->main_figure($row, 'linux') or return;
    return if grep { $_->{min} <= 0 } $own, $linux;
    my @ends = sort { $a <=> $b }
      map { better($row, $own->{$_}, $linux->{median}) } qw(min max);
    my $target = $results->target($row, $rows);
    my %bar = (
        title => $row->{title},
        value => better($row, $own->{median}, $linux->{median}),
        low   => $ends[0],
        high  => $ends[1]
    );
    if ($target && $target->{limit}) {
        $bar{target} = better($row, $target->{limit}, $linux->{median});
        $bar{reached} = $target->{reached};
    }
    return \%bar;
}

# A power of ten's first, second and fifth part within the range.
sub ticks {
    my ($low, $high) = @_;
    my @ticks;
    for my $power (-3 .. 5) {
        push @ticks, grep { $_ >= $low && $_ <= $high }
          map { $_ * 10**$power } 1, 2, 5;
    }
    return @ticks;
}

# SVG, or undef if no row has figures of both guests.
sub chart {
    my ($results, $rows) = @_;
    my @bars = grep { defined } map { bar($results, $_, $rows) } @$rows;
    return unless @bars;
    my @all = map { grep { defined } @$_{qw(low high target)} } @bars;
    my ($low, $high) = (min(0.5, @all) * 0.9, max(2, @all) * 1.1);
    my $x = sub {
        my ($v) = @_;
        return sprintf '%.1f', LEFT + (WIDTH - LEFT - RIGHT) *
          (log($v) - log($low)) / (log($high) - log($low));
    };
    my $height = TOP + LINE * @bars + BOTTOM;
    my $end = TOP + LINE * @bars;
    my $svg = head($height, $results->{facts});
    for my $t (ticks($low, $high)) {
        my $at = $x->($t);
        my $class = $t == 1 ? 'one' : 'tick';
        $svg .= qq{<line class="$class" x1="$at" x2="$at" y1="} . TOP .
          qq{" y2="$end"/>\n<text class="mark" x="$at" y="} . ($end + 16) .
          qq{">$t</text>\n};
    }
    my $y = TOP;
    for my $bar (@bars) {
        $svg .= draw($bar, $y, $x);
        $y += LINE;
    }
    return $svg . legend($end + 40) . "</svg>\n";
}

sub head {
    my ($height, $facts) = @_;
    my $width = WIDTH;
    my $what = escape("$facts->{date}, commit $facts->{commit}, " .
          "accelerator $facts->{accelerator}, network $facts->{network}");
    return <<"SVG";
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 $width $height" width="$width" height="$height" role="img">
<title>rumprun beside a Debian Linux guest</title>
<style>
text { font: 12px sans-serif; fill: #222 }
.head { font-size: 16px; font-weight: bold }
.label { text-anchor: end }
.mark { text-anchor: middle; fill: #666 }
.tick { stroke: #ddd } .one { stroke: #444 }
.more { fill: #2a78b8 } .fewer { fill: #b8562a }
.range { stroke: #111 } .target { stroke: #0a7d32; stroke-width: 3 }
</style>
<rect width="$width" height="$height" fill="#fff"/>
<text class="head" x="12" y="24">Times better than the Linux guest, by CPU time of QEMU (latency: by the clock)</text>
<text x="12" y="44">$what</text>
SVG
}

sub draw {
    my ($bar, $y, $x) = @_;
    my ($one, $at) = ($x->(1), $x->($bar->{value}));
    my ($from, $to) = (min($one, $at), max($one, $at));
    my $top = $y + (LINE - BAR) / 2;
    my $middle = $y + LINE / 2;
    my $class = $bar->{value} >= 1 ? 'more' : 'fewer';
    my $number = sprintf $bar->{value} >= 10 ? '%.0f' : '%.2f', $bar->{value};
    my $svg = sprintf qq{<text class="label" x="%d" y="%d">%s</text>\n},
      LEFT - 10, $middle + 4, escape($bar->{title});
    $svg .= sprintf qq{<rect class="$class" x="%.1f" y="%.1f" width="%.1f" } .
      qq{height="%d"/>\n}, $from, $top, $to - $from, BAR;
    my ($low, $high) = ($x->($bar->{low}), $x->($bar->{high}));
    $svg .= qq{<line class="range" x1="$low" x2="$high" y1="$middle" y2="$middle"/>\n};
    if (defined $bar->{target}) {
        my $t = $x->($bar->{target});
        $svg .= sprintf qq{<line class="target" x1="$t" x2="$t" y1="%d" y2="%d"/>\n},
          $y + 2, $y + LINE - 2;
    }
    return $svg . sprintf qq{<text x="%.1f" y="%d">%s</text>\n},
      max($to, $high) + 6, $middle + 4, $number;
}

sub legend {
    my ($y) = @_;
    return sprintf qq{<line class="target" x1="12" x2="12" y1="%d" y2="%d"/>\n} .
      qq{<text x="20" y="%d">target</text>\n} .
      qq{<line class="range" x1="80" x2="110" y1="%d" y2="%d"/>\n} .
      qq{<text x="116" y="%d">the runs' worst and best</text>\n},
      $y - 11, $y + 3, $y, $y - 4, $y - 4, $y;
}

1;
