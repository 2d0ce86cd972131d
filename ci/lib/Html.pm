# Text of HTML and small SVG charts.  Whatever comes from outside goes through
# escape(): names, reasons, commit subjects.
package Html;
use strict;
use warnings;
use Exporter 'import';
use POSIX qw(strftime);

our @EXPORT_OK = qw(escape href stamp duration size number badge line_chart strip);

my %entity = ('&' => '&amp;', '<' => '&lt;', '>' => '&gt;', '"' => '&quot;',
    "'" => '&#39;');

# Characters that XML 1.0, 2.2, does not know become U+FFFD.
sub escape {
    my ($text) = @_;
    $text = '' unless defined $text && !ref $text;
    $text =~ s/([&<>"'])/$entity{$1}/g;
    $text =~ s/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/\x{fffd}/g;
    return $text;
}

# A relative path as a link: RFC 3986, 3.3.
sub href {
    my ($path) = @_;
    utf8::encode($path);
    $path =~ s{([^A-Za-z0-9_.~/-])}{sprintf '%%%02X', ord $1}ge;
    return $path;
}

sub number {
    my ($n) = @_;
    return defined $n && !ref $n && $n =~ /^-?\d+(?:\.\d+)?$/ ? $n : undef;
}

sub stamp {
    my ($time) = @_;
    $time = number($time) // return '<span class="none">unknown</span>';
    my @t = gmtime $time;
    return strftime('<time datetime="%Y-%m-%dT%H:%M:%SZ">%Y-%m-%d %H:%M UTC</time>', @t);
}

sub duration {
    my ($s) = @_;
    $s = number($s) // return '';
    return sprintf('%.1f s', $s) if $s < 10;
    $s = int($s + 0.5);
    return "$s s" if $s < 60;
    return sprintf('%d min %02d s', $s / 60, $s % 60) if $s < 3600;
    return sprintf('%d h %02d min', $s / 3600, $s % 3600 / 60);
}

sub size {
    my ($bytes) = @_;
    $bytes = number($bytes) // return '';
    return "$bytes B" if $bytes < 1000;
    return sprintf('%.0f kB', $bytes / 1000) if $bytes < 1_000_000;
    return sprintf('%.1f MB', $bytes / 1_000_000);
}

# The sign says it without the colour, and the word without the sign.
my %sign = (passed => '&#10003;', failed => '&#10007;', running => '&#8230;',
    interrupted => '!', unreadable => '!', skipped => '&#8211;');

sub badge {
    my ($result) = @_;
    my $class = exists $sign{$result // ''} ? $result : 'unknown';
    my $word = $class eq 'unknown' ? 'not run' : $result;
    my $sign = $sign{$class} // '&#8211;';
    return qq{<span class="badge $class"><span aria-hidden="true">$sign</span> $word</span>};
}

# Points, the oldest first; undef leaves a gap.  label says what it shows,
# show turns a value into text.
sub line_chart {
    my ($label, $show, @values) = @_;
    my @known = grep { defined } @values;
    return '<span class="none">&#8211;</span>' unless @known;
    my ($w, $h, $edge) = (96, 28, 4);
    my ($low, $high) = (sort { $a <=> $b } @known)[0, -1];
    # What varies by less than a tenth looks flat.
    my $span = $high - $low;
    $span = $high / 10 if $span < $high / 10;
    $span ||= 1;
    my $middle = ($high + $low) / 2;
    my $step = @values > 1 ? ($w - 2 * $edge) / (@values - 1) : 0;
    my (@line, @lines, $last);
    for my $i (0 .. $#values) {
        if (!defined $values[$i]) {
            push @lines, [@line] if @line;
            @line = ();
            next;
        }
        my $x = @values > 1 ? $edge + $i * $step : $w / 2;
        my $y = $h / 2 - ($values[$i] - $middle) / $span * ($h - 2 * $edge);
        $last = [$x, $y];
        push @line, sprintf('%.1f,%.1f', $x, $y);
    }
    push @lines, [@line] if @line;
    my $text = escape(sprintf '%s, last %d runs: now %s, least %s, most %s', $label,
        scalar @values, $show->($known[-1]), $show->($low), $show->($high));
    my $svg = qq{<svg class="chart" role="img" width="$w" height="$h" viewBox="0 0 $w $h">}
      . "<title>$text</title>";
    $svg .= '<polyline points="' . join(' ', @$_) . '"/>' for grep { @$_ > 1 } @lines;
    $svg .= sprintf '<circle cx="%.1f" cy="%.1f" r="2.6"/></svg>', @$last;
    return $svg;
}

# A row of bars, one for each run: [result, text].
sub strip {
    my ($label, @runs) = @_;
    my ($w, $gap, $h) = (3, 1, 18);
    my %count;
    $count{$_->[0]}++ for @runs;
    my $text = escape("$label: " . join ', ', map { "$count{$_} $_" } sort keys %count);
    my $all = @runs ? @runs * ($w + $gap) - $gap : $w;
    my $svg = qq{<svg class="strip" role="img" width="$all" height="$h" viewBox="0 0 $all $h">}
      . "<title>$text</title>";
    for my $i (0 .. $#runs) {
        my ($result, $what) = @{$runs[$i]};
        my $class = exists $sign{$result} ? $result : 'unknown';
        # Lower if bad, for those who do not see the colour.
        my ($y, $height) = $class eq 'passed' ? (0, $h) : ($h / 2, $h / 2);
        $svg .= sprintf '<rect class="%s" x="%d" y="%d" width="%d" height="%d" rx="1">'
          . '<title>%s</title></rect>', $class, $i * ($w + $gap), $y, $w, $height,
          escape($what);
    }
    return "$svg</svg>";
}

1;
