#!/usr/bin/perl
# rumprun --profile: what is known of a program is found in its profile.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

my $work = scratch();
my $rumprun = "$build/toolchain/bin/rumprun";
$ENV{XDG_RUNTIME_DIR} = "$work/run";
mkdir $ENV{XDG_RUNTIME_DIR};

# Folded stacks: the number for each.
sub folded {
    my ($path) = @_;
    return { map { /^(.*) (\d+)$/ ? ($1, $2) : () } split /\n/, -e $path ? slurp($path) : '' };
}
sub count {
    my ($stacks, $like) = @_;
    my $n = 0;
    $_ =~ $like and $n += $stacks->{$_} for keys %$stacks;
    return $n;
}

sub profile {
    my ($what, $name, %o) = @_;
    my $file = "$work/$name";
    my $g = guest('profiled', opts => ['--profile', $file], args => [2500, 7], %o);
    is($g->{status}, 7, "$what: the guest's exit status") or diag($g->{err});
    is($g->{out}, "begins\ndone\n", "$what: its output");
    is($g->{err}, '', "$what: no messages");
    ok(-s $file, "$what: a profile");
    return $file;
}

# ---- shares and stacks ----

sub known_stacks {
    my ($what, %o) = @_;
    my $s = folded(profile($what, 'known.folded', %o));
    my $a = count($s, qr/;spin_a[^;]*$/);
    my $b = count($s, qr/;spin_b[^;]*$/);
    my $main = qr/^profiled;_start;[^ ]*main;/;
    # How many samples there are is the host's affair, 150 when it is idle, and how
    # far a share of them may be off depends on it: five standard deviations.
    my $off = 5 * sqrt(0.75 * 0.25 / ($a + $b || 1));
    cmp_ok($a, '>', 0, "$what: samples in the one function");
    cmp_ok($b, '>', 0, "$what: samples in the other");
    cmp_ok(abs($a / ($a + $b || 1) - 0.75), '<', $off, "$what: three quarters in the one")
      or diag("$a of ", $a + $b);
    my $calls = count($s, qr/^profiled;.*_\[k\]/);
    cmp_ok($calls, '>', 0, "$what: system calls");
    cmp_ok(count($s, qr/${main}ask[^;]*;(\w+;)+syscall_(call_)?entry_\[k\];/),
        '>', 0.7 * $calls, "$what: under the function that made them");
    cmp_ok(count($s, qr/;syscall_(call_)?entry_\[k\];trap_syscall_\[k\];.*sys_stat_\[k\];/),
        '>', 0, "$what: down into the kernel");
    cmp_ok(count($s, qr/\[unknown\]|\[profiled\]|\[kernel\]/), '<', 0.05 * count($s, qr/^profiled/),
        "$what: code has names");
    cmp_ok($s->{'[idle]'} // 0, '>', 0, "$what: idle time apart");
    is(count($s, qr/^firmware;/), 0, "$what: nothing below the firmware");
}
known_stacks('ring 0');
known_stacks('ring 3', ring => 3);
known_stacks('two processors', cpus => 2);

# ---- the picture ----

my $svg = profile('SVG', 'picture.svg', opts => ['--profile', "$work/picture.svg", '--profile-hz', 50]);
my $facts = run(['python3', '-c', <<'PYTHON', $svg]);
import re, sys, xml.etree.ElementTree as tree
svg = '{http://www.w3.org/2000/svg}'
root = tree.parse(sys.argv[1]).getroot()
width, height = float(root.get('width')), float(root.get('height'))
boxes = []
for g in root.iter(svg + 'g'):
    title, rect = g.find(svg + 'title').text, g.find(svg + 'rect')
    x, y, w, h = (float(rect.get(k)) for k in ('x', 'y', 'width', 'height'))
    if x < 0 or y < 0 or x + w > width or y + h > height:
        print('outside:', title)
    share = re.search(r': ([\d.]+) %, (\d+) samples', title)
    if share:
        boxes.append((title, x, y, w, float(share[1])))
# What is called lies on its caller, and is as wide as it says.
rows = sorted({b[2] for b in boxes})
full = sum(b[3] for b in boxes if b[2] == rows[-1])
for title, x, y, w, percent in boxes:
    if abs(w / full * 100 - percent) > 0.2:
        print('width:', title)
    if y < rows[-1] and not any(b[2] == y + 18 and b[1] <= x + 0.02 and
                                x + w <= b[1] + b[3] + 0.05 for b in boxes):
        print('in the air:', title)
print('boxes', len(boxes) > 10, 'full', 0.98 < full / (width - 24) < 1.02)
for name in ('spin_a', 'spin_b', 'trap_syscall (kernel)'):
    print(name, any(b[0].startswith(name) for b in boxes))
PYTHON
is($facts->{out}, "boxes True full True\nspin_a True\nspin_b True\ntrap_syscall (kernel) True\n",
    'SVG: well-formed, boxes as wide as their shares, on their callers')
  or diag($facts->{err});
like(slurp($svg), qr/CPU 0: busy [\d.]+ %/, 'SVG: how busy each processor was');
unlike(slurp($svg), qr/<script|href/, 'SVG: nothing but a picture');

# ---- however the guest ends ----

sub begun {
    my ($command, $file) = @_;
    my $pid = open(my $out, '-|') // die "fork: $!";
    if (!$pid) {
        POSIX::setsid();
        open(STDERR, '>', "$work/said") or die;
        exec @$command or die;
    }
    my $line = <$out>;
    return ($pid, $out, $line);
}
my $image = Guest::image('profiled');
my ($pid, $out, $line) = begun([$rumprun, 'qemu', '-i', '--profile', "$work/int.folded",
        '--', $image, 100000]);
is($line, "begins\n", 'a guest that would run long');
kill 'INT', $pid;
close $out;
is($? >> 8, 130, 'is interrupted');
cmp_ok(count(folded("$work/int.folded"), qr/./), '>', 0, 'and its profile is there');

my $r = run([$rumprun, 'qemu', '-N', 'apart', '--profile', "$work/apart.folded", '--', $image, 100000]);
is($r->{out}, "apart\n", 'a detached guest');
is(run([$rumprun, 'stop', 'apart'])->{status}, 0, 'is stopped');
cmp_ok(count(folded("$work/apart.folded"), qr/./), '>', 0, 'and its profile is there');

($pid, $out, $line) = begun([$rumprun, 'qemu', '-i', '--profile', "$work/killed.folded",
        '--', $image, 1500, 3]);
my @children = map { split ' ', slurp($_) } glob "/proc/$pid/task/*/children";
my ($profiler) = grep { slurp("/proc/$_/comm") eq "rumprun\n" } @children;
ok($profiler && kill('KILL', $profiler), 'a profiler that dies');
is(scalar(<$out>), "done\n", 'does not take its guest along');
close $out;
is($? >> 8, 3, 'which ends as it would have');
like(slurp("$work/said"), qr/the profiler was killed by signal 9/, 'with a message');

spew("$work/old.folded", "old\n");
$r = guest('profiled', opts => ['--profile', "$work/old.folded", '-e', '=x']);
is(slurp("$work/old.folded"), "old\n", 'a guest that is not started leaves the file alone');

# ---- what is refused, before anything boots ----

sub refused {
    my ($why, $what, @how) = @_;
    my $r = guest('profiled', opts => \@how);
    ok($r->{status} eq '2' && $r->{out} eq '' && $r->{err} =~ $why, $what)
      or diag("status $r->{status}: $r->{out}$r->{err}");
}
refused(qr{none/x\.svg: cannot write it: No such file}, 'no directory', '--profile', "$work/none/x.svg");
refused(qr{x\.png: the name must end in \.svg .* or \.folded}, 'another kind of file', '--profile', "$work/x.png");
refused(qr{run\.svg: it is there, and no file}, 'a directory', '--profile', do { mkdir "$work/run.svg"; "$work/run.svg" });
refused(qr{--profile-hz 0: it must be a number}, 'no samples', '--profile-hz', 0);
refused(qr{--profile .*: .*not with -D}, 'a debugger', '--profile', "$work/x.svg", '-D', 1234);
refused(qr{--profile .*: .*not with -p}, 'a guest that does not run', '--profile', "$work/x.svg", '-p');
system('strip', '-o', "$work/stripped.bin", $image);
$r = guest('profiled', image => "$work/stripped.bin", opts => ['--profile', "$work/x.svg"]);
like($r->{err}, qr/stripped\.bin cannot be profiled: it was stripped/, 'a stripped image');
is($r->{status}, 2, 'is not started');
is_deeply([glob "$work/*.svg.* $work/*.folded.* $work/x.* $work/killed.*"], [], 'nothing is left of what failed');

done_testing();
