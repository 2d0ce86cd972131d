#!/usr/bin/perl
# rumprun-bake: the command line and configurations.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Tools;

install();
program('hello');

sub components {
    my (@options) = @_;
    my $r = run([$bake, @options]);
    my (undef, @lines) = split /\n\s*/, $r->{out};
    return join ' ', @lines;
}

# ---- list and describe ----

my $r = run([$bake, 'list']);
is($r->{status}, 0, 'list');
like($r->{out}, qr/^$_ +\S/m, "list has $_")
  for qw(hw_generic hw_virtio hw_microvm hw_minimal hw_minimal_mmio);
unlike($r->{out}, qr/^_/m, 'list hides private sets');
is(components('describe', 'hw_minimal'),
    'kern file vfs tmpfs devfs pipe virtio virtio_pci virtio_console',
    'describe hw_minimal');
like(components('describe', 'hw_virtio'), qr/virtio_pci/, 'hw_virtio has PCI');
unlike(components('describe', 'hw_virtio'), qr/mmio/, 'and no MMIO');
like(components('describe', 'hw_microvm'), qr/mmio/, 'hw_microvm has MMIO');
unlike(components('describe', 'hw_microvm'), qr/pci/, 'and no PCI');
my %all = map { $_ => 1 } split / /, components('describe', 'hw_generic');
for my $config (qw(hw_virtio hw_microvm hw_minimal hw_minimal_mmio)) {
    my @more = grep { !$all{$_} } split / /, components('describe', $config);
    is("@more", '', "hw_generic has all of $config");
}
is(join(' ', sort grep { $_ ne 'virtio_pci' } keys %all),
    join(' ', sort split / /, components('describe', 'hw_microvm')),
    'hw_microvm has everything but PCI');

# ---- files of one's own ----

spew('mine.conf', <<'EOS');
# Mine.
version 20160209
conf _set
	create "a set of mine"
	add procfs
fnoc
conf hw_mine
	create "mine, with a # in it"
	assimilate _base _set   # a private set of the standard file
	remove pipe
fnoc
EOS
spew('second.conf', "version 20160209\nconf hw-two\nassimilate hw_mine\n"
      . "add pipe\nfnoc\n");
$r = run([$bake, '-c', 'mine.conf', 'list']);
like($r->{out}, qr/^hw_mine +mine, with a # in it$/m, '-c adds configurations');
is(components('-c', 'mine.conf', 'describe', 'hw_mine'),
    'kern file vfs tmpfs devfs procfs', 'with private sets of the standard file');
is(components('--conf', 'mine.conf', '--conf=second.conf', 'describe', 'hw_two'),
    'kern file vfs tmpfs devfs procfs pipe', 'several files');
is(components('-m', 'add net', '-m', 'remove pipe vfs', 'describe', 'hw_minimal'),
    'kern file tmpfs devfs virtio virtio_pci virtio_console net',
    '-m changes the configuration');
is(components('-m', 'nuke', '-m', 'assimilate _mmio', 'describe', 'hw_minimal'),
    'virtio virtio_mmio', '-m nuke and assimilate');
$r = run([$bake, '-c', 'mine.conf', 'hw_mine', 'out', 'hello']);
like(slurp('out'), qr/config=hw_mine\ncomponents=kern file vfs tmpfs devfs procfs futex_ops pagecache madvise ioctl\n/,
    'such a configuration is baked');
$r = run([$bake, '-m', 'nuke', 'hw_minimal', 'out', 'hello']);
ok(slurp('out') =~ qr/components=kern futex_ops pagecache madvise ioctl\n/, 'the kernel cannot be left out');
like(run([$bake, '-m', 'debugdump', 'describe', 'hw_minimal'])->{err},
    qr/^hw_minimal: kern file vfs/, 'debugdump');

# ---- errors ----

sub bad_file {
    my ($text, $reason, $name) = @_;
    spew('bad.conf', $text);
    refused([$bake, '-c', 'bad.conf', 'list'], 1, $reason, $name);
}
my $v = "version 20160209\n";
bad_file("${v}conf hw_x\n\nbogus\nfnoc\n",
    qr/bad\.conf:4: there is no command 'bogus'/, 'line numbers in errors');
bad_file("conf hw_x\nfnoc\n", qr/bad\.conf:1: .*must begin with: version/,
    'a file without version');
bad_file("version 1\n", qr/bad\.conf:1: .*version 20160209 only/,
    'another version');
bad_file("${v}conf hw_virtio\nfnoc\n",
    qr/bad\.conf:2: hw_virtio is already defined at .*rumprun-bake\.conf:\d+/,
    'a configuration that there is');
bad_file("${v}conf hw_x\n", qr/fnoc is missing/, 'no fnoc');
bad_file("${v}conf arm_x\nfnoc\n", qr/must begin with hw_/, 'a bad name');
bad_file("${v}conf hw_x\nassimilate hw_y\nfnoc\n",
    qr/there is no configuration hw_y/, 'assimilate what is not there');
bad_file("${v}conf hw_x\ncreate 'x\nfnoc\n", qr/bad\.conf:3: a quote/,
    'an open quote');
bad_file("${v}\0", qr/is not a configuration file/, 'a binary file');
refused([$bake, '-c', 'none.conf', 'list'], 1,
    qr/cannot read configuration file none\.conf: No such/, 'a missing file');
refused([$bake, '-c', '.', 'list'], 1, qr/is a directory/, 'a directory');
refused([$bake, '-m', 'remove net', 'describe', 'hw_minimal'], 1,
    qr/-m "remove net": hw_minimal has no component net/,
    '-m remove of what is not there');
refused([$bake, '-m', 'bogus', 'describe', 'hw_minimal'], 1,
    qr/no command 'bogus'/, '-m with a bad command');
refused([$bake, 'describe', 'hw_none'], 1,
    qr/there is no configuration hw_none/, 'an unknown configuration');
refused([$bake, 'describe', '_base'], 1, qr/for use in other/,
    'a private one cannot be described');
refused([$bake, '_base', 'out', 'hello'], 1, qr/for use in other/,
    'nor baked');

# ---- the command line ----

refused([$bake], 2, qr/^usage:/, 'no arguments');
refused([$bake, 'hw_virtio'], 2, qr/^usage:/, 'no image');
refused([$bake, 'hw_virtio', 'out'], 2, qr/^usage:/, 'no program');
refused([$bake, '-x', 'list'], 2, qr/'x'/, 'an unknown option');
refused([$bake, '--bogus', 'list'], 2, qr/--bogus/, 'an unknown long option');
refused([$bake, '-c'], 2, qr/requires an argument/, '-c without a file');
refused([$bake, 'list', 'more'], 2, qr/^usage:/, 'list with an argument');
$r = run([$bake, '--help']);
like($r->{out}, qr/^usage: .*--modify/s, '--help');
is("$r->{status}$r->{err}", '0', '--help succeeds');

rename "$scratch/tc/lib/rumprun/rumprun-bake.conf", 'x';
refused([$bake, 'list'], 1, qr/cannot read configuration file .*bake\.conf/,
    'no standard file');

done_testing();
