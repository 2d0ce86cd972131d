# The record of one run of ci/full: a JSON file, written anew after each step,
# so that one that was interrupted shows how far it came.
package Record;
use strict;
use warnings;
use Exporter 'import';
use JSON::PP;

our @EXPORT_OK = qw(read_record write_record read_history prune_history outcome);

# Runs that the history keeps, and runs that keep their logs: two months and
# two weeks of two runs a day.
our $KEEP_RUNS = 120;
our $KEEP_LOGS = 28;

my $json = JSON::PP->new->utf8->canonical->pretty;

# undef if there is no such record, or what is there is none.
sub read_record {
    my ($path) = @_;
    open(my $f, '<:raw', $path) or return undef;
    local $/;
    my $record = eval { $json->decode(<$f> // '') };
    return ref $record eq 'HASH' ? $record : undef;
}

# Whole or not at all: a reader never sees half of it.
sub write_record {
    my ($path, $record) = @_;
    open(my $f, '>:raw', "$path.new") or die "$path.new: $!\n";
    print $f $json->encode($record) or die "$path.new: $!\n";
    close $f or die "$path.new: $!\n";
    rename "$path.new", $path or die "$path: $!\n";
}

# All records below DIR/history, the oldest first.  The name of a file is the
# run's id, whatever the file says.
sub read_history {
    my ($dir) = @_;
    opendir(my $d, "$dir/history") or return;
    my @runs;
    for my $file (sort grep { /^[\w-]+\.json$/ } readdir $d) {
        my $run = read_record("$dir/history/$file")
          || {state => 'unreadable'};
        ($run->{id}) = $file =~ /^(.*)\.json$/;
        push @runs, $run;
    }
    return @runs;
}

# Forget what is too old, logs before records.
sub prune_history {
    my ($dir) = @_;
    my @ids = reverse map { $_->{id} } read_history($dir);
    for my $i (0 .. $#ids) {
        if ($i >= $KEEP_LOGS) {
            system('rm', '-rf', '--', "$dir/logs/$ids[$i]");
        }
        if ($i >= $KEEP_RUNS) {
            unlink "$dir/history/$ids[$i].json", "$dir/$ids[$i].html";
        }
    }
}

# passed, failed, running, or interrupted: one that says it is running while
# its process is gone.
sub outcome {
    my ($run) = @_;
    my $state = $run->{state} // '';
    return 'unreadable' if $state eq 'unreadable';
    return ($run->{result} // '') eq 'passed' ? 'passed' : 'failed'
      if $state eq 'finished';
    return alive($run) ? 'running' : 'interrupted';
}

# The process of a run is known by number and start, for numbers come again.
sub alive {
    my ($run) = @_;
    my $pid = $run->{pid};
    return 0 unless defined $pid && $pid =~ /^\d+$/;
    return (process_start($pid) // '') eq ($run->{pid_start} // 'none');
}

# When a process began, in clock ticks since boot; proc(5), field 22 of stat.
sub process_start {
    my ($pid) = @_;
    open(my $f, '<', "/proc/$pid/stat") or return undef;
    my $line = <$f> // '';
    return (split ' ', $line =~ s/^.*\) //r)[19];
}

1;
