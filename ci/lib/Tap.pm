# What tests said: counts from the TAP that prove leaves in a folder
# (PERL_TEST_HARNESS_DUMP_TAP, see TAP::Harness), times from its own lines.
package Tap;
use strict;
use warnings;
use Exporter 'import';
use File::Find;
use TAP::Parser;

our @EXPORT_OK = qw(phases machines);

# { program => milliseconds } and the programs that prove found wanting.
sub prove_lines {
    my ($log) = @_;
    my (%ms, %bad);
    open(my $f, '<', $log) or return (\%ms, \%bad);
    my $summary = 0;
    while (my $line = <$f>) {
        $summary = 1 if $line =~ /^Test Summary Report/;
        if ($summary) {
            $bad{$1} = 1 if $line =~ /^(\S+)\s+\(Wstat: /;
        } elsif ($line =~ /^(?:\[[\d:]+\] )?(\S+) \.+ .*?(\d+) ms(?: |$)/) {
            $ms{$1} += $2;
        }
    }
    return (\%ms, \%bad);
}

sub parse {
    my ($file) = @_;
    open(my $f, '<', $file) or return undef;
    local $/;
    my $parser = TAP::Parser->new({tap => <$f> // ''});
    my (@lines, %r);
    while (my $line = $parser->next) {
        push @lines, [$line->is_ok ? 1 : 0, $line->description]
          if $line->is_test;
    }
    return {
        tests  => $parser->tests_run,
        failed => scalar($parser->failed),
        wrong  => scalar($parser->parse_errors),
        lines  => \@lines,
    };
}

sub each_program {
    my ($dir, $do) = @_;
    return unless -d $dir;
    find({no_chdir => 1, wanted => sub {
        return unless -f $_;
        $do->(substr($_, length("$dir/")), $_);
    }}, $dir);
}

# One entry for each folder of tests, in order of name: name, result, programs,
# tests, failed (tests), bad (names of programs), seconds.
sub phases {
    my ($dir, $log) = @_;
    my ($ms, $bad) = prove_lines($log);
    my %phase;
    my $of = sub { $_[0] =~ m{^(.*)/[^/]+$} ? $1 : '.' };
    each_program($dir, sub {
        my ($program, $file) = @_;
        my $p = $phase{$of->($program)} ||= {programs => 0, tests => 0, failed => 0};
        my $t = parse($file) or return;
        $p->{programs}++;
        $p->{tests} += $t->{tests};
        $p->{failed} += $t->{failed};
        $bad->{$program} = 1 if $t->{failed} || $t->{wrong};
    });
    for my $program (keys %$bad) {
        push @{$phase{$of->($program)}{bad}}, $program;
    }
    for my $program (keys %$ms) {
        my $p = $phase{$of->($program)} or next;
        $p->{ms} += $ms->{$program};
    }
    my @list;
    for my $name (sort keys %phase) {
        my $p = $phase{$name};
        my @bad = sort @{$p->{bad} || []};
        push @list, {
            name     => $name,
            result   => @bad ? 'failed' : 'passed',
            programs => $p->{programs} || 0,
            tests    => $p->{tests} || 0,
            failed   => $p->{failed} || 0,
            bad      => \@bad,
            seconds  => int(($p->{ms} || 0) / 100 + 0.5) / 10,
        };
    }
    return \@list;
}

# Tests of programs called machines.t are called "MACHINE", or "MACHINE: PROGRAM"
# with the name of a guest program; one entry for each machine: name, result,
# tests, failed (list).
sub machines {
    my ($dir) = @_;
    my (@order, %of);
    each_program($dir, sub {
        my ($program, $file) = @_;
        return unless $program =~ m{/machines[^/]*\.t$};
        my $t = parse($file) or return;
        for (@{$t->{lines}}) {
            my ($ok, $name) = @$_;
            $name =~ s/^- //;
            my ($machine, $what) = $name =~ /^(.*): (\w+)$/;
            $machine //= $name;
            next if $machine eq '';
            push @order, $machine unless $of{$machine};
            my $m = $of{$machine} ||= {name => $machine, tests => 0, failed => []};
            $m->{tests}++;
            push @{$m->{failed}}, $what // 'boot, serve, switch off' unless $ok;
        }
    });
    $_->{result} = @{$_->{failed}} ? 'failed' : 'passed' for values %of;
    return [map { $of{$_} } @order];
}

1;
