#!/usr/bin/perl
# rumprun iso: what it makes is booted by GRUB, from BIOS and UEFI, as a CD and
# as a disk.  ci/nightly/machines.t has more machines.
use strict;
use warnings;
use File::Basename;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

my $work = scratch();
my $rumprun = "$build/toolchain/bin/rumprun";

sub iso {
    my ($out, @args) = @_;
    return run([$rumprun, 'iso', ($out ? ('-o', $out) : ()), @args], chdir => $work);
}

# Only a serial port, as any machine might be; standard output is that port.
sub boot {
    my ($machine, $memory, @args) = @_;
    my $r = run([
        'qemu-system-x86_64', '-accel', 'tcg', '-cpu', 'max', '-machine', $machine,
        '-m', $memory, '-nodefaults', '-no-reboot', '-display', 'none',
        '-serial', 'stdio', @args
    ]);

    # Firmware and GRUB write to the same port before; and lines end in CR LF.
    $r->{out} =~ s/\r//g;
    return $r;
}

sub cd { return ('-cdrom', $_[0]) }
sub disk { return ('-drive', "file=$_[0],format=raw") }
my @uefi = ('-drive',
    'if=pflash,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd');

# ---- arguments, environment, data ----

my @show = ('/proc/sys/kernel/hostname', '/proc/self/environ', '/proc/self/cmdline', 'x y');
my $r = iso('args.iso', '-e', 'A=one two', '-N', 'web', image('show_file'), @show);
is($r->{status}, 0, 'make one with arguments') or diag($r->{err});
is("$r->{out}$r->{err}", '', 'and nothing is said');
ok(!-e "$work/args.iso.new", 'and nothing is left');
$r = boot('pc', 64, cd("$work/args.iso"));
like($r->{out}, qr/^web\n.*\bA=one two\0.*bin\0\Q@{[join "\0", @show]}\E\0/ms,
    'host name, environment, arguments as given') or diag($r->{out} =~ s{\0}{\\0}gr);
like($r->{out}, qr/^x y: No such file or directory$/m, 'standard error');
like($r->{out}, qr/rumprun-status: exit 1$/m, 'exit status of the program');
is($r->{status}, 0, 'and the machine switches itself off');

mkdir "$work/tree$_" for 1, 2;
for my $n (1, 2) {
    open(my $f, '>', "$work/tree$n/file") or die;
    print $f "data $n " x 5000, "\n";
    close $f;
    system('genisoimage', '-quiet', '-R', '-o', "$work/data=$n.iso", "$work/tree$n") == 0 or die;
}
$r = iso(undef, '-b', "$work/data=1.iso,/one", '-b', "$work/data=2.iso,/two/deep",
    image('show_file'), '/one/file', '/two/deep/file');
is($r->{status}, 0, 'make one with data') or diag($r->{err});
my $iso = "$work/" . basename(image('show_file'), '.bin') . '.iso';
ok(-e $iso, 'without -o it is named after the image');
my $data = slurp("$work/tree1/file") . slurp("$work/tree2/file");

# ---- machines ----

for my $m (['BIOS, pc, CD', 'pc', 64, cd($iso)], ['BIOS, q35, disk', 'q35', 64, disk($iso)],
    ['BIOS, q35, CD, 5 GiB', 'q35', 5120, cd($iso)],
    ['UEFI, q35, CD', 'q35', 128, cd($iso), @uefi]) {
    my ($what, @args) = @$m;

    $r = boot(@args);
    ok(index($r->{out}, $data) >= 0, "$what: reads its data")
      or diag(substr $r->{out}, -1500);
    like($r->{out}, qr/^rumprun-status: exit 0$/m, "$what: exit status");
    is($r->{status}, 0, "$what: power off");
}

# ---- refusals ----

sub refused {
    my ($reason, @args) = @_;
    my $r = iso('no.iso', @args);

    is($r->{status}, 2, "refused: @args[0 .. $#args - 1]");
    like($r->{err}, $reason, 'with the reason');
    ok(!-e "$work/no.iso", 'and there is no ISO');
}

my $image = image('show_file');
refused(qr/^rumprun: $_->[0]: an ISO is made, not run/, @$_, $image)
  for ['-i'], ['-M', 32], ['--machine', 'q35'], ['-g', '-S'], ['--publish', '8080:80'];
refused(qr/-I net: an ISO has no network backend/, '-I', 'net,vioif,tap,ifname=t0', $image);
refused(qr/-b: image \S+ has no component blk/, '-b', "$work/data=1.iso,/d",
    image('hello', 'hw_minimal'));
open(my $odd, '>', "$work/odd.img") or die;
print $odd 'x' x 1000;
close $odd;
refused(qr/-b $work\/odd\.img: its size is not a multiple of 512/, '-b', "$work/odd.img", $image);
$r = run(['/bin/sh', '-c', "PATH=\$1 exec $rumprun iso -o $work/no.iso $image", 'sh', $work]);
is($r->{status}, 2, 'without GRUB: refused');
like($r->{err}, qr/packages are missing: apt-get install grub-common xorriso mtools$/m,
    'and the packages are named');
$r = run([$rumprun, 'qemu', '-o', 'x.iso', '-i', '--', $image]);
is($r->{status}, 2, 'qemu: -o is refused');
like($r->{err}, qr/-o x\.iso: only platform iso writes a file/, 'with the reason');

done_testing();
