# Tests of rumprun-bake and rumprun, with a stub in the kernel's place.
package Tools;
use strict;
use warnings;
use Cwd qw(abs_path);
use Exporter 'import';
use File::Basename qw(basename dirname);
use File::Copy qw(copy);
use File::Temp qw(tempdir);
use IO::Socket::INET;
use POSIX qw(:sys_wait_h);
use Test::More;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

our @EXPORT = qw(run refused slurp spew program install stub_image wait_for
  background free_port iso json $scratch $bin $bake $rumprun $top $built);

our $top = abs_path(dirname(__FILE__) . '/../../..');
our $build = $ENV{BUILD} || $ENV{BUILDDIR} || "$top/build";
# The tools that were built, and the place of a second toolchain around the stub.
our $built = "$build/toolchain/bin";
our $scratch = tempdir(CLEANUP => 1);
our $bin = "$scratch/tc/bin";
our $bake = "$bin/rumprun-bake";
our $rumprun = "$built/rumprun";

# Nobody else's guests, nobody else's temporary files.
$ENV{XDG_RUNTIME_DIR} = "$scratch/run";
mkdir $ENV{XDG_RUNTIME_DIR};
$ENV{TMPDIR} = "$scratch/tmp";
mkdir $ENV{TMPDIR};
delete $ENV{SECRET};
chdir $scratch or die;

# Nothing here takes longer, on the busiest host.
my $limit = 120;

sub slurp {
    my ($path) = @_;
    open(my $f, '<:raw', $path) or return undef;
    local $/;
    my $text = <$f>;
    return defined $text ? $text : '';
}

sub spew {
    my ($path, $text) = @_;
    open(my $f, '>:raw', $path) or die "$path: $!";
    print $f $text;
    close $f;
    return $path;
}

# Start a command with files as its standard streams; returns its process.
sub background {
    my ($cmd, %o) = @_;
    my $pid = fork;
    die "fork: $!" unless defined $pid;
    return $pid if $pid;
    open(STDIN, '<', $o{stdin_file} || '/dev/null') or die;
    open(STDOUT, '>', $o{out} || "$scratch/.out") or die;
    open(STDERR, '>', $o{err} || "$scratch/.err") or die;
    $ENV{$_} = $o{env}{$_} for keys %{$o{env} || {}};
    exec {$cmd->[0]} @$cmd or POSIX::_exit(127);
}

# Run it to its end: { out, err, status }, status as a shell would say it.
sub run {
    my ($cmd, %o) = @_;
    my $pid = background($cmd, %o);
    my $end = clock_gettime(CLOCK_MONOTONIC) + $limit;
    while (!waitpid($pid, WNOHANG)) {
        select(undef, undef, undef, 0.01);
        if (clock_gettime(CLOCK_MONOTONIC) > $end) {
            kill 'KILL', $pid;
            waitpid($pid, 0);
            diag("@$cmd: hangs");
            last;
        }
    }
    return {
        out    => slurp($o{out} || "$scratch/.out"),
        err    => slurp($o{err} || "$scratch/.err"),
        status => ($? & 127) ? 128 + ($? & 127) : $? >> 8,
    };
}

# One check: the command fails with this status and says this.
sub refused {
    my ($cmd, $status, $reason, $name) = @_;
    my $r = run($cmd);
    my $ok = $r->{status} == $status && $r->{err} =~ $reason;
    ok($ok, $name) or diag("status $r->{status}: $r->{err}");
    return $r;
}

# Wait until a condition holds; false if it does not within limits.
sub wait_for {
    my ($condition) = @_;
    my $end = clock_gettime(CLOCK_MONOTONIC) + $limit;
    until ($condition->()) {
        return 0 if clock_gettime(CLOCK_MONOTONIC) > $end;
        select(undef, undef, undef, 0.02);
    }
    return 1;
}

sub must {
    my $r = run(\@_);
    die "@_: $r->{err}" if $r->{status};
}

# A tiny static program; extra is added to its assembler text.
sub program {
    my ($name, %o) = @_;
    spew("$name.S", <<'EOS' . ($o{extra} || ''));
	.globl _start
	.section .text
	.type _start, @function
_start: mov $60, %eax
	xor %edi, %edi
	syscall
	.size _start, . - _start
	.section .data
value:	.quad 1
EOS
    spew("$name.S", slurp("$name.S") . "\t.section .note.GNU-stack,\"\","
          . "\@progbits\n") unless $o{no_stack_note};
    must('gcc', '-nostdlib', @{$o{flags} || ['-static']}, '-Wl,--build-id=none',
        '-o', $name, "$name.S");
    return $name;
}

# The second toolchain: our rumprun-bake, and a stub as component kern.
sub install {
    my $lib = "$scratch/tc/lib/rumprun";
    must('mkdir', '-p', $bin, "$lib/components");
    copy("$built/rumprun-bake", $bake) or die "rumprun-bake is not built";
    chmod 0755, $bake;
    copy("$built/../lib/rumprun/rumprun-bake.conf", $lib) or die;
    my $stub = "$top/core/test/tools/stub";
    copy("$stub/image.ld", $lib) or die;
    my @cflags = qw(-O2 -g -ffreestanding -fno-pie -mno-red-zone
      -mgeneral-regs-only -fno-stack-protector -fno-builtin
      -ffunction-sections -fno-asynchronous-unwind-tables -fcf-protection=none);
    for my $source ('start.S', 'guest.c') {
        must('gcc', @cflags, '-iquote', "$top/core/include", '-c',
            "$stub/$source", '-o', "$source.o");
    }
    must('ar', 'rcs', "$lib/components/kern.a", 'start.S.o', 'guest.c.o');
    # The rest is empty.
    for (map { basename($_) } glob("$built/../lib/rumprun/components/*.a")) {
        must('ar', 'rcs', "$lib/components/$_") if $_ ne 'kern.a';
    }
}

# An image NAME.bin of a stub with that configuration; returns its path.
sub stub_image {
    my ($name, $config, @options) = @_;
    install() unless -e $bake;
    program($name) unless -e $name;
    must($bake, @options, $config, "$name.bin", $name);
    return "$name.bin";
}

sub free_port {
    my $s = IO::Socket::INET->new(
        Listen    => 1,
        LocalAddr => '127.0.0.1',
        LocalPort => 0,
    ) or die;
    return $s->sockport;
}

# A small ISO 9660 image.
sub iso {
    my ($path) = @_;
    mkdir 'iso';
    spew('iso/file', 'contents' x 1000);
    must('genisoimage', '-quiet', '-l', '-r', '-o', $path, 'iso');
    return $path;
}

# Parse JSON with what perl always has.
sub json {
    my ($text) = @_;
    require JSON::PP;
    return JSON::PP::decode_json($text);
}

1;
