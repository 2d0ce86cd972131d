# The status page of one run, with the history of those before it.
package Page;
use strict;
use warnings;
use Exporter 'import';
use File::Basename qw(dirname);
use Html qw(escape href stamp duration size number badge line_chart strip);
use Record qw(outcome);

our @EXPORT_OK = qw(page);

# Runs that the charts show.
our $SHOWN = 30;

my %headline = (
    passed      => 'Everything passes',
    failed      => 'Something fails',
    running     => 'A run is under way',
    interrupted => 'The run was interrupted',
    unreadable  => 'The result of the run cannot be read',
);

sub hashes { return grep { ref eq 'HASH' } ref $_[0] eq 'ARRAY' ? @{$_[0]} : () }

# A cell: label is what phones show before it.
sub cell {
    my ($label, $html, $class) = @_;
    return qq{<td></td>} if $html eq '';
    $class = $class ? qq{ class="$class"} : '';
    return qq{<td$class data-label="$label"><span>$html</span></td>};
}

sub table {
    my ($caption, $heads, @rows) = @_;
    my $html = qq{<div class="card"><table>\n<caption>$caption</caption>\n<thead><tr>};
    for (@$heads) {
        my ($text, $class) = ref ? @$_ : ($_, '');
        $html .= qq{<th scope="col"} . ($class ? qq{ class="$class"} : '') . ">$text</th>";
    }
    return "$html</tr></thead>\n<tbody>\n" . join('', map { "<tr>$_</tr>\n" } @rows)
      . "</tbody>\n</table></div>\n";
}

# A link only to what is there.
sub link_to {
    my ($dir, $path, $text) = @_;
    return '' unless defined $path && !ref $path && $path ne '';
    return '' if $path =~ m{^/|(?:^|/)\.\.(?:/|$)} || !-e "$dir/$path";
    return '<a href="' . href($path) . '">' . escape($text) . '</a>';
}

sub find { my ($list, $name) = @_; return (grep { ($_->{name} // '') eq $name } hashes($list))[0] }

sub state_of {
    my ($run) = @_;
    return '<div class="state none" role="status"><strong>No run yet</strong>'
      . '<p>ci/full makes one.</p></div>' unless $run;
    my $state = outcome($run);
    my @bad = map { escape($_->{name}) } grep { ($_->{result} // '') eq 'failed' }
      hashes($run->{packages}), hashes($run->{steps}), hashes($run->{machines});
    my $commit = ref $run->{commit} eq 'HASH' ? $run->{commit} : {};
    my $text = @bad ? '<p>Failed: ' . join(', ', @bad) . '</p>' : '';
    if ($state eq 'interrupted' || $state eq 'running') {
        my @steps = hashes($run->{steps});
        my $at = $run->{at} // (@steps ? $steps[-1]{name} : 'its start');
        $text .= '<p>' . ($state eq 'running' ? 'It is at: ' : 'It came as far as: ')
          . escape($at) . '</p>';
    }
    $text .= '<p>' . stamp($run->{begin});
    $text .= ', commit ' . escape(substr $commit->{id}, 0, 10) . ' &#8220;'
      . escape($commit->{subject}) . '&#8221;' if defined $commit->{id};
    return qq{<div class="state $state" role="status"><strong>$headline{$state}</strong>$text</p></div>};
}

sub facts {
    my ($run) = @_;
    my $host = ref $run->{host} eq 'HASH' ? $run->{host} : {};
    my @packages = hashes($run->{packages});
    my $good = grep { ($_->{result} // '') eq 'passed' } @packages;
    my $tests = 0;
    for my $step (hashes($run->{steps})) {
        $tests += number($_->{tests}) // 0 for hashes($step->{phases});
    }
    my @facts = (
        ['Duration', escape(duration($run->{seconds}))],
        ['Packages', @packages ? "$good of " . @packages . ' pass' : ''],
        ['Tests', $tests || ''],
        ['Host', escape($host->{system})],
        ['Processor', escape(join ', ', grep { defined && $_ ne '' } $host->{cpu},
            defined $host->{cpus} ? "$host->{cpus} processors" : undef)],
        ['QEMU', escape(join ', ', grep { defined && $_ ne '' } $host->{qemu},
            $host->{accelerator})],
    );
    return '<dl class="facts">' . join('', map { "<div><dt>$_->[0]</dt><dd>$_->[1]</dd></div>" }
          grep { $_->[1] ne '' } @facts) . "</dl>\n";
}

# A figure with its history below.
sub figure {
    my ($label, $name, $key, $show, $p, $runs) = @_;
    my $n = number($p->{$key});
    my @values = map { my $q = find($_->{packages}, $name); $q ? number($q->{$key}) : undef } @$runs;
    return cell($label, '', 'n') unless defined $n || grep { defined } @values;
    my $now = defined $n ? escape($show->($n)) : '<span class="none">&#8211;</span>';
    return cell($label, $now . line_chart("$label of $name", $show, @values), 'n');
}

sub packages {
    my ($dir, $run, $runs) = @_;
    my @rows;
    for my $p (hashes($run->{packages})) {
        my $name = $p->{name} // '';
        my $why = $p->{why} // $p->{unmeasured};
        my @results = map { my $q = find($_->{packages}, $name);
            [$q ? $q->{result} // 'unknown' : 'unknown', "$_->{id}: " . ($q ? $q->{result} // '' : 'not there')]
        } @$runs;
        my $sizes = escape(size($p->{stripped_bytes}));
        push @rows, '<th scope="row">' . escape($name) . ' '
          . '<small>' . escape($p->{version}) . '</small></th>'
          . cell('Result', badge($p->{result}) . (defined $why ? '<small>' . escape($why) . '</small>' : ''))
          . cell('Last runs', strip("Last runs of $name", @results))
          . figure('Build time', $name, 'build_seconds', \&duration, $p, $runs)
          . figure('Image size', $name, 'stripped_bytes', \&size, $p, $runs)
          . figure('Least memory', $name, 'least_memory_mib', sub { "$_[0] MiB" }, $p, $runs)
          . figure('First answer', $name, 'boot_ms', sub { "$_[0] ms" }, $p, $runs)
          . figure('QEMU CPU', $name, 'boot_cpu_ms', sub { "$_[0] ms" }, $p, $runs)
          . cell('Log', link_to($dir, $p->{log}, 'log'));
    }
    return '' unless @rows;
    return "<h2>Packages</h2>\n" . table('Image size is without symbols; least memory by bisection; '
        . 'first answer is from the start of the launcher, QEMU CPU the processor time of QEMU until then.',
        ['Package', 'Result', 'Last runs', (map { [$_, 'n'] } 'Build time', 'Image size', 'Least memory',
            'First answer', 'QEMU CPU'), 'Log'], @rows);
}

sub steps {
    my ($dir, $run, $runs) = @_;
    my @rows;
    for my $s (hashes($run->{steps})) {
        my $name = $s->{name} // '';
        my @times = map { my $q = find($_->{steps}, $name); $q ? number($q->{seconds}) : undef } @$runs;
        push @rows, '<th scope="row">' . escape($name) . '<small>' . escape($s->{what}) . '</small></th>'
          . cell('Result', badge($s->{result}) . (defined $s->{why} ? '<small>' . escape($s->{why}) . '</small>' : ''))
          . cell('Time', escape(duration($s->{seconds})), 'n')
          . cell('History', line_chart("Time of $name", \&duration, @times), 'n')
          . cell('Log', link_to($dir, $s->{log}, 'log'));
    }
    return '' unless @rows;
    return "<h2>Steps</h2>\n" . table('In the order in which they run.',
        ['Step', 'Result', ['Time', 'n'], ['History', 'n'], 'Log'], @rows);
}

sub tests {
    my ($run) = @_;
    my $html = '';
    for my $s (hashes($run->{steps})) {
        my @rows;
        for my $p (hashes($s->{phases})) {
            my @bad = ref $p->{bad} eq 'ARRAY' ? @{$p->{bad}} : ();
            push @rows, '<th scope="row">' . escape($p->{name})
              . (@bad ? '<small>' . escape("@bad") . '</small>' : '') . '</th>'
              . cell('Result', badge($p->{result}))
              . cell('Programs', escape($p->{programs}), 'n') . cell('Tests', escape($p->{tests}), 'n')
              . cell('Failed', escape($p->{failed}), 'n')
              . cell('Time', escape(duration($p->{seconds})), 'n');
        }
        $html .= '<h3>' . escape($s->{what} // $s->{name}) . "</h3>\n"
          . table('By folder of tests; times are summed.', ['Folder', 'Result', map { [$_, 'n'] }
                qw(Programs Tests Failed Time)], @rows) if @rows;
    }
    return $html eq '' ? '' : "<h2>Tests</h2>\n$html";
}

sub machines {
    my ($run) = @_;
    my @rows;
    for my $m (hashes($run->{machines})) {
        my @failed = ref $m->{failed} eq 'ARRAY' ? @{$m->{failed}} : ();
        push @rows, '<th scope="row">' . escape($m->{name})
          . (@failed ? '<small>' . escape(join ', ', @failed) . '</small>' : '') . '</th>'
          . cell('Result', badge($m->{result})) . cell('Tests', escape($m->{tests}), 'n');
    }
    return '' unless @rows;
    return "<h2>Machines</h2>\n" . table('Machine types, processors and devices that images ran on.',
        ['Machine', 'Result', ['Tests', 'n']], @rows);
}

sub history {
    my ($dir, $current, @all) = @_;
    my @rows;
    for my $run (reverse @all) {
        my $commit = ref $run->{commit} eq 'HASH' ? $run->{commit} : {};
        my @bad = map { $_->{name} } grep { ($_->{result} // '') eq 'failed' }
          hashes($run->{packages}), hashes($run->{steps});
        my $id = escape($run->{id});
        my $name = $run->{id} eq $current ? "$id (this page)"
          : '<a href="' . href("$run->{id}.html") . "\">$id</a>";
        push @rows, qq{<th scope="row">$name</th>}
          . cell('Result', badge(outcome($run)) . (@bad ? '<small>' . escape(join ', ', @bad) . '</small>' : ''))
          . cell('Commit', escape(substr $commit->{id} // '', 0, 10) . '<small>' . escape($commit->{subject}) . '</small>')
          . cell('Time', escape(duration($run->{seconds})), 'n')
          . cell('Data', link_to($dir, "history/$run->{id}.json", 'JSON'));
    }
    return '' unless @rows;
    return "<h2>Runs</h2>\n" . table('The latest first.', ['Run', 'Result', 'Commit', ['Time', 'n'], 'Data'], @rows);
}

# HTML text (characters, not bytes) of the page for $run, one of @all, the
# oldest first; with neither, that of an empty history.  dir is where it will lie:
# links go only to files that are there.
sub page {
    my ($dir, $run, @all) = @_;
    open(my $f, '<', dirname(__FILE__) . '/style.css') or die "style.css: $!\n";
    my $style = do { local $/; <$f> };
    my @until = grep { !$run || $_->{id} le $run->{id} } @all;
    my @runs = @until > $SHOWN ? @until[-$SHOWN .. -1] : @until;
    my $body = '';
    if ($run) {
        $body = facts($run) . "</header>\n<main>\n" . packages($dir, $run, \@runs)
          . steps($dir, $run, \@runs) . tests($run) . machines($run)
          . history($dir, $run->{id}, @all);
    } else {
        $body = "</header>\n<main>\n";
    }
    my $strip = @runs ? strip('All runs', map { my $o = outcome($_); [$o, "$_->{id}: $o"] } @runs) : '';
    my $word = $run ? outcome($run) : 'no run yet';
    return <<"HTML";
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="description" content="State of the twice-daily build of rumprun">
<link rel="icon" href="data:,">
<title>rumprun builds: $word</title>
<style>
$style</style>
</head>
<body>
<header>
<h1>rumprun: the twice-daily build</h1>
@{[state_of($run)]}
$strip
$body</main>
<footer>Made by ci/status from the records in history/. Times are in UTC.</footer>
</body>
</html>
HTML
}

1;
