#!/usr/bin/perl
# rumprun: what it refuses. A sentence that names the argument, status 2, and
# nothing started.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin, "$FindBin::Bin/..";
use IO::Socket::INET;
use Kvm qw(processor_virtualises);
use Test::More;
use Tools;

stub_image('v', 'hw_virtio');
stub_image('min', 'hw_minimal');
stub_image('m', 'hw_microvm');
iso('data.iso');
my $iso = slurp('data.iso');

sub no_launch {
    my ($args, $reason, $name) = @_;
    refused([$rumprun, @$args], 2, $reason, $name);
}
sub option {
    my ($options, $reason, $name) = @_;
    no_launch(['qemu', @$options, 'v.bin'], $reason, $name || "@$options");
}

# ---- the command line ----

no_launch([], qr/no platform given\nusage:/, 'no arguments');
no_launch(['qemu'], qr/no image given\nusage:/, 'no image');
no_launch(['vmware', 'v.bin'], qr/no platform or command 'vmware'/,
    'an unknown platform');
no_launch([$_, '-di', 'v.bin'], qr/platform $_ is not there yet/, "platform $_")
  for qw(xen linux ec2);
option(['-Z'], qr/invalid option -- 'Z'/);
option(['--bogus'], qr/unrecognized option '--bogus'/);
no_launch(['qemu', '-M'], qr/requires an argument -- 'M'/, '-M without one');
option(['-C', $_], qr/-C \Q$_\E: it must be a number of processors, 1 to 64/)
  for '0', '65', '-1', 'two', '2x', '';
option(['-M', $_], qr/-M \Q$_\E: it must be a number of MiB/)
  for '0', 'x', '-1', '1T', '99999999999999999999';
option(['-N', $_], qr/-N \Q$_\E: a name is/) for '', 'a/b', '.x', 'a' x 64;
option(['-e', $_], qr/-e \Q$_\E: it must be VAR/) for '', '=x';
option(['-e', "A=\xff"], qr/is not valid UTF-8/, '-e with a byte that is no text');
option(['-D', $_], qr/-D \Q$_\E: it must be a port/) for '0', 'x', '65536';
option(['-g', "'x"], qr/-g 'x: a quote does not end/);
option(['-t', "$scratch/x", '-T', "$scratch/y"], qr/-T \S+: there is one/);
option(['--machine', 'amiga'], qr/--machine amiga: it must be/);
option(['--accel', $_], qr/--accel \Q$_\E: it must be kvm or tcg/) for '', 'xen';
no_launch(['kvm', '--accel', 'tcg', 'v.bin'], qr/--accel tcg: platform kvm has no choice/,
    '--accel with platform kvm');

# ---- images ----

no_launch(['qemu', 'none.bin'], qr/none\.bin: No such file/, 'a missing image');
no_launch(['qemu', '.'], qr/\. is a directory/, 'a directory');
no_launch(['qemu', spew('empty', '')], qr/empty is empty/, 'an empty image');
no_launch(['qemu', spew('text', "x\n")], qr/text is not an ELF file/, 'a text');
no_launch(['qemu', 'v'], qr/v is not a rumprun image .*rumprun-bake/,
    'a program that was not baked');
my $image = slurp('v.bin');
for my $percent (1, 30, 60, 99) {
    spew('cut.bin', substr($image, 0, length($image) * $percent / 100));
    no_launch(['qemu', 'cut.bin'], qr/cut\.bin is truncated/,
        "$percent % of an image");
}
no_launch(['qemu', '-I', 'a,vioif', 'min.bin'],
    qr/-I: image min\.bin has no component net .*hw_minimal/,
    '-I and an image without network');
no_launch(['qemu', '--machine', 'microvm', 'min.bin'],
    qr/min\.bin cannot use the devices of machine microvm: component virtio_mmio/,
    'an image for PCI only on microvm');
no_launch(['qemu', '--publish', '0:80', 'min.bin'], qr/no component net/,
    '--publish and an image without network');
no_launch(['qemu', '-b', 'data.iso', 'min.bin'],
    qr/-b: image min\.bin has no component blk/,
    '-b and an image without block devices');
no_launch(['qemu', '--machine', 'microvm', '-b', 'data.iso', 'v.bin'],
    qr/component virtio_mmio is not baked in/, 'the wrong machine');
no_launch(['qemu', '--machine', 'pc', '-b', 'data.iso', 'm.bin'],
    qr/component virtio_pci is not baked in/, 'the wrong machine, PCI');

# ---- block devices ----

option(['-b', 'none.iso,/data'], qr/-b none\.iso,\/data: cannot open image none/);
option(['-b', '.,/data'], qr/image \. is a directory/);
option(['-b', '/dev/null'], qr/neither a file nor a block device/);
option(['-b', 'empty,/data'], qr/image empty is empty/);
option(['-b', 'data.iso,/'], qr/nothing can be mounted on \//);
option(['-b', 'data.iso,/a/../b'], qr/has \.\. in it/);
spew('cut.iso', substr($iso, 0, length($iso) - 2048 * 160));
option(['-b', 'cut.iso,/data'], qr/image cut\.iso is truncated: the ISO 9660/);
spew('tiny.iso', substr($iso, 0, 10000));
option(['-b', 'tiny.iso,/data'], qr/tiny\.iso holds no ISO 9660 .*truncated/);
my $bad = $iso;
substr($bad, 32768 + 84, 4) = "\xff" x 4;
option(['-b', spew('bad.iso', $bad)], qr/image bad\.iso is damaged/);

# ---- network ----

option(['-I', 'x'], qr/-I x: it must be TAG,IFNAME/);
option(['-I', 'a,b/c'], qr/'b\/c' is no name for an interface/);
option(['-I', 'a,vioif', '-I', 'a,vioif'], qr/already an interface with the tag a/);
option(['-I', 'a,vioif,frob'], qr/'frob' is no backend/);
option(['-I', 'a,vioif,mac=52:54'], qr/'52:54' is not a MAC/);
option(['-W', 'a,inet,dhcp'], qr/-W a,inet,dhcp: no -I names an interface a/);
option(['-I', 'a,vioif', '-W', 'b,inet,dhcp'], qr/no -I names an interface b/);
option(['-I', 'a,vioif', '-W', "a,$_->[0]"], $_->[1]) for
  ['inet,bootp', qr/it must be inet,dhcp/],
  ['inet,static,10.0.0.300/24', qr/'10\.0\.0\.300' is not an IPv4 address/],
  ['inet,static,10.0.0.3', qr/needs a prefix length/],
  ['inet,static,10.0.0.3/40', qr/'40' is not a prefix length/],
  ['inet,static,10.0.0.3/24,10.1.0.1', qr/gateway 10\.1\.0\.1 is not in/],
  ['inet,static,10.0.0.1/30', qr/prefix length between 8 and 29/],
  ['inet6,static,10.0.0.1/64', qr/'10\.0\.0\.1' is not an IPv6 address/];
option(['-n', 'inet'], qr/-n inet: it must be/);
option(['-n', 'inet,dhcp', '-I', 'a,vioif'], qr/-I and -n exclude each other/);

option(['--publish', $_->[0]], $_->[1]) for
  ['80', qr/--publish 80: it must be \[HOST:\]PORT/],
  ['80:0', qr/'0' is not a port/],
  ['x:80', qr/'x' is not a port of the host/],
  ['1:2/ipx', qr/'ipx' is neither tcp nor udp/],
  ['nohost:1:2', qr/'nohost' is not an IPv4 address/],
  ['[::1]:1:2', qr/IPv4 addresses only/],
  ['192.0.2.1:0:80', qr/192\.0\.2\.1 is not an address of this host/];
option(['-I', 'a,vioif,tap', '--publish', '0:80'],
    qr/no -I is on the user network/);
my $port = free_port();
option(['--publish', "$port:1", '--publish', "$port:2"], qr/published twice/);
my $busy = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1');
$port = $busy->sockport;
option(['--publish', "127.0.0.1:$port:80"],
    qr/--publish 127\.0\.0\.1:$port:80: TCP port $port of the host is in use/);
option(['--publish', "$port:80"], qr/in use/, 'in use on one address');
option(['-D', $port], qr/-D $port: TCP port $port is in use/);
my $udp = IO::Socket::INET->new(Proto => 'udp', LocalAddr => '127.0.0.1');
option(['--publish', '127.0.0.1:' . $udp->sockport . ':53/udp'],
    qr/UDP port \d+ of the host is in use/, 'a UDP port in use');

# ---- --config, files, the host ----

option(['--config', 'none.json'], qr/cannot read none\.json/);
spew('bad.json', "{\n\"a\": \n");
option(['--config', 'bad.json'], qr/bad\.json:3: /);
spew('list.json', '[]');
option(['--config', 'list.json'], qr/does not hold a JSON object/);
spew('env.json', '{"env": "A=1"}');
option(['--config', 'env.json'], qr/env is not an array/);
spew('rc.json', '{"rc": []}');
no_launch(['qemu', '--config', 'rc.json', 'v.bin', 'x'],
    qr/arguments after the image have no place/, 'arguments and an rc list');
no_launch(['qemu', '-i', '-t', $scratch, 'v.bin'],
    qr/-t \S+: cannot make it: File exists/, '-t with a directory that is there');
my $r = run([$rumprun, 'qemu', 'v.bin'], env => {PATH => '/nonexistent'});
ok($r->{status} == 2 && $r->{err} =~ /QEMU is missing: qemu-system-x86_64 was not found in PATH/,
    'no QEMU');
SKIP: {
    skip 'KVM is there', 1 if processor_virtualises();
    no_launch(['kvm', 'v.bin'], qr/platform kvm cannot be used: .*vmx/, 'no KVM');
}
no_launch(['qemu', '-i', '-g', '-bogus', 'v.bin'],
    qr/-bogus: invalid option\nrumprun: .*hypervisor did not start/,
    'an argument that QEMU refuses');
no_launch(['qemu', '-g', '-bogus', 'v.bin'],
    qr/-bogus: invalid option.*hypervisor did not start/s, 'the same, detached');

# ---- the other commands ----

no_launch(['ps', 'x'], qr/ps: 'x' is too much/, 'ps with a name');
no_launch(['ps', '-x'], qr/rumprun ps: invalid option/, 'ps with a bad option');
no_launch(['logs'], qr/logs: name one guest/, 'logs of nothing');
no_launch(['logs', 'none'], qr/there is no guest none/, 'logs of no guest');
no_launch(['stop'], qr/stop: name a guest/, 'stop of nothing');
no_launch(['stop', '-t', 'x', 'a'], qr/stop -t x: it must be/, 'stop -t x');
refused([$rumprun, 'stop', 'none'], 1, qr/there is no guest none/,
    'stop of no guest');

is(run([$rumprun, 'ps'])->{out} =~ tr/\n//, 1, 'nothing was started');

done_testing();
