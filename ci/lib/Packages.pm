# Builds every package in the order of dependencies, and measures its image.
package Packages;
use strict;
use warnings;
use Exporter 'import';
use Measure qw(measure);

our @EXPORT_OK = qw(build_packages in_order);

# A variable of a package's Makefile.
sub fact {
    my ($name, $variable) = @_;
    open(my $f, '-|', 'bmake', '-C', "packages/$name", '-V', "\${$variable}") or return '';
    my $text = <$f> // '';
    close $f;
    chomp $text;
    return $text;
}

# Names such that what a package depends on comes before it.  depends is
# { name => [names] }; unknown ones and circles are left to make to refuse.
sub in_order {
    my ($depends) = @_;
    my (@order, %seen);
    my $visit;
    $visit = sub {
        my ($name) = @_;
        return if !$depends->{$name} || $seen{$name}++;
        $visit->($_) for @{$depends->{$name}};
        push @order, $name;
    };
    $visit->($_) for sort keys %$depends;
    return @order;
}

sub build_packages {
    my ($run, $top) = @_;
    my @names = map { m{packages/(.*)/Makefile} } glob 'packages/*/Makefile';
    my %depends = map { $_ => [split ' ', fact($_, 'DEPENDS')] } @names;
    my %failed;
    for my $name (in_order(\%depends)) {
        my $entry = {name => $name, comment => fact($name, 'COMMENT'),
            log => "$run->{logs}/package-$name.log", result => 'failed'};
        push @{$run->{record}{packages}}, $entry;
        $run->at("package $name");
        my @missing = grep { $failed{$_} } @{$depends{$name}};
        if (@missing) {
            $entry->{why} = "needs @missing, which failed";
        } else {
            package_of($run, $top, $entry);
        }
        $failed{$name} = 1 if $entry->{result} eq 'failed';
        print "   $entry->{result}" . (defined $entry->{why} ? ": $entry->{why}" : '') . "\n";
        $run->save;
    }
}

sub package_of {
    my ($run, $top, $entry) = @_;
    my $name = $entry->{name};
    my $log = "package-$name";
    my @make = ('make', '-C', "packages/$name", 'CORE_READY=yes');
    my ($ok, $seconds) = $run->command($log, @make);
    $entry->{build_seconds} = $seconds;
    chomp($entry->{version} = qx{bmake -s -C 'packages/$name' show-version});
    if (!$ok) {
        $entry->{why} = 'the build fails';
        $run->complain($log);
        return;
    }
    $entry->{result} = 'passed';
    my $program = fact($name, 'RUN_PROGRAM');
    return if $program eq '';
    sizes("packages/$name/$program", $entry);
    my $prefix = "$top/build/work/measure";
    if (!($run->command($log, 'make', '-C', "packages/$name", 'CORE_READY=yes', 'install', 'DESTDIR=',
            "PREFIX=$prefix"))[0]) {
        @$entry{qw(result why)} = ('failed', 'make install fails');
        return;
    }
    my $p = {name => $name, prefix => $prefix, probe => fact($name, 'RUN_PROBE')};
    my $defaults = "$prefix/lib/rumprun/$name/defaults";
    ($p->{memory}, $p->{publish}) = split /\n/,
      qx{. '$defaults'; echo "\$RUMPRUN_MEMORY"; echo "\$RUMPRUN_PUBLISH"};
    $p->{publish} //= '';
    if ($p->{publish} ne '' && $p->{probe} eq '') {
        $entry->{unmeasured} = 'its Makefile has no RUN_PROBE';
    } elsif (!measure($p, $entry, $run->log_of($log))) {
        @$entry{qw(result why)} = ('failed', "does not answer: $entry->{unmeasured}");
    }
}

# As a file, and without symbols.
sub sizes {
    my ($image, $entry) = @_;
    $entry->{image_bytes} = -s $image;
    my $stripped = "$image.stripped";
    if (system('strip', '-o', $stripped, $image) == 0) {
        $entry->{stripped_bytes} = -s $stripped;
    }
    unlink $stripped;
}

1;
