# What the toolchain tests share: run the compiler, look at what it made.
package Toolchain;
use strict;
use warnings;
use Cwd qw(abs_path);
use Exporter 'import';
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use Test::More;

our @EXPORT = qw(run runs_ok good_program project write_file slurp
  $target $bin $share $sysroot $scratch);

my $here = abs_path(dirname(__FILE__));
my $top = abs_path("$here/../../..");
my $build = $ENV{BUILDDIR} || "$top/build";
our $target = 'x86_64-rumprun-linux-musl';
our $bin = "$build/toolchain/bin";
our $share = "$build/toolchain/share";
our $sysroot = "$build/sysroot";
our $scratch = tempdir(CLEANUP => 1);

# As after eval "$(make -s env)", and without the settings of whoever calls.
delete $ENV{$_} for qw(CC CXX CPP LD AR CFLAGS CPPFLAGS LDFLAGS LIBS MAKEFLAGS
  MFLAGS MAKELEVEL PKG_CONFIG_PATH DESTDIR);
$ENV{PATH} = "$bin:$ENV{PATH}";
$ENV{LC_ALL} = 'C';

BAIL_OUT("no toolchain in $bin; make core builds it")
  unless -x "$bin/$target-gcc";

# Run a shell command; its output with errors, and its status in $?.
sub run {
    my ($command) = @_;
    my $out = qx{($command) 2>&1 </dev/null};
    return $out;
}

sub runs_ok {
    my ($command, $name) = @_;
    my $out = run($command);
    my $good = ok($? == 0, $name);
    diag("$command\n" . substr $out, -3000) unless $good;
    return $good;
}

sub slurp {
    my ($path) = @_;
    open(my $f, '<:raw', $path) or die "$path: $!";
    local $/;
    return scalar <$f>;
}

sub write_file {
    my ($path, $text) = @_;
    open(my $f, '>:raw', $path) or die "$path: $!";
    print $f $text;
    close $f or die "$path: $!";
}

# A copy of one of the projects beside this file, to be built in.
sub project {
    my ($name) = @_;
    my $dir = "$scratch/$name";
    system('cp', '-R', "$here/$name", $dir) == 0 or die "cannot copy $name";
    return $dir;
}

# What every program that the toolchain links has to be.
sub good_program {
    my ($file, $says, $name) = @_;
    my $out = run($file);
    is($out, $says, "$name: runs on Linux");
    my $head = run("$bin/$target-readelf -hlW $file");
    like($head, qr/^\s*Type:\s+DYN /m, "$name: position-independent");
    unlike($head, qr/INTERP/, "$name: static");
    my $notes = run("$bin/$target-objcopy -O binary -j .note.rumprun " .
          "$file $file.note && cat $file.note");
    my ($namesz, $descsz, $type, $owner, $desc) =
      unpack 'V3 Z8 a*', $notes;
    my ($for, $version) = split /\0/, $desc || '';
    is("$owner $type $for", "rumprun 1 $target", "$name: carries the note");
    like($version, qr/^\d+\.\d+ /, "$name: with the toolchain's version");
}

1;
