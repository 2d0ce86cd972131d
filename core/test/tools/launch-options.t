#!/usr/bin/perl
# rumprun: what every option does to QEMU's command line and to the
# configuration document, as -D prints them.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin, "$FindBin::Bin/..";
use Kvm qw(kvm_usable);
use Test::More;
use Tools;

stub_image('v', 'hw_virtio');
stub_image('m', 'hw_microvm');
stub_image('min', 'hw_minimal');
stub_image('both', 'hw_generic');
iso('data.iso');
iso('a,b.iso');
spew('disk', "\0" x 65536);

my ($doc, $command, $err, $tty);

# Print what these arguments would do; sets the three above.
sub printed {
    my (@args) = @_;
    my $r = run([$rumprun, '-D', @args]);
    ($doc, $command) = (undef, '');
    $err = $r->{err};
    if ($r->{out} =~ /\A# configuration: (.*)\n(.*)\n\z/) {
        ($doc, $command) = (json($1), $2);
        # No terminal here: checked once.
        $tty = join ' ', map { $_ ? 1 : 0 } @{$doc->{console}{tty}};
        delete $doc->{console}{tty};
    } else {
        diag("@args: $r->{err}");
    }
}

sub has {
    my ($words, $name) = @_;
    ok(" $command " =~ / \Q$words\E /, $name) or diag($command);
}

# ---- always ----

printed('qemu', 'v.bin');
has("-$_", "-$_") for qw(nodefaults no-user-config no-reboot);
has('-display none', 'no display');
has('-kernel v.bin', 'the image is booted by PVH');
has('-m 64M', 'memory is 64 MiB unless given');
has('-smp 1', 'one processor unless given');
has('-machine pc', 'the machine is pc');
has('-accel tcg', 'TCG where the processor offers no KVM') unless kvm_usable();
like($command, qr{-initrd /proc/self/fd/\d+ }, 'the document is no file');
like($command, qr/virtserialport,bus=vser\.0,nr=$_->[0],\S*name=rumprun\.$_->[1],/,
    "port $_->[1]") for [1, 'stdio'], [2, 'stderr'], [3, 'control'];
like($command, qr/isa-debugcon,iobase=0xe9,/, 'log channel');
has('-device isa-debug-exit,iobase=0xf4,iosize=4', 'exit port');
has('-serial chardev:com1', 'COM1');
like($command, qr/virtio-rng-pci,disable-legacy=on/, 'entropy, modern virtio');
is($tty, '0 0 0', 'no terminal');
is_deeply($doc, {cmdline => ['v.bin'],
        console => {}}, 'the document of a bare launch')
  or diag(explain($doc));

# ---- program and machine ----

printed('qemu', 'v.bin', 'one', 'two words', 'quo"te', '-i', '');
is_deeply($doc->{cmdline}, ['v.bin', 'one', 'two words', 'quo"te', '-i', ''],
    'arguments of the program');
printed('qemu', '-M', '128', '--', 'v.bin', '--', 'x');
is_deeply($doc->{cmdline}, ['v.bin', '--', 'x'], '-- before the image');
printed('qemu', 'v.bin', '--', 'x');
is_deeply($doc->{cmdline}, ['v.bin', 'x'], '-- behind the image');
has('-m 64M', 'options behind the image are the program\'s');
printed('-M', '128', '-i', 'qemu', '-N', 'web', 'v.bin');
has('-m 128M', '-M, before the platform');
has('-name web', '-N names QEMU');
is($doc->{hostname}, 'web', 'and is the host name');
printed('qemu', '-M', '1G', 'v.bin');
has('-m 1024M', '-M in GiB');
printed('qemu', '-C', '2', 'v.bin');
has('-smp 2', '-C');
printed('qemu', '--cpus=64', 'v.bin');
has('-smp 64', '--cpus');
printed('qemu', '--memory=32', '--name', 'x', '--interactive', '--destroy',
    '--sudo', 'v.bin');
has('-m 32M', 'long names');
printed('qemu', '-diM', '48', 'v.bin');
has('-m 48M', 'options in one word');
$ENV{FROM_HERE} = 'a b';
delete $ENV{NOT_HERE};
printed('qemu', '-e', 'A=1', '--env', 'B=x=y, "z"', '-e', 'FROM_HERE', '-e',
    'NOT_HERE', '-e', 'C=', 'v.bin');
is_deeply($doc->{env}, ['A=1', 'B=x=y, "z"', 'FROM_HERE=a b', 'C='], '-e');
printed('qemu', '-p', 'v.bin');
has('-S', '-p');
my $port = free_port();
printed('qemu', '-D', $port, 'v.bin');
has("-gdb tcp:127.0.0.1:$port", '-D PORT behind the platform');
printed('qemu', '--gdb', $port, 'v.bin');
has("-gdb tcp:127.0.0.1:$port", '--gdb');
my $r = run([$rumprun, 'qemu', '--print', 'v.bin']);
like($r->{out}, qr/-kernel v\.bin/, '--print');
printed('qemu', '-g', '-rtc base=utc', '-g', "-name 'a b'", 'v.bin');
has("-rtc base=utc -name 'a b'", '-g');
printed('qemu', '--cpu', 'Nehalem', 'v.bin');
has('-cpu Nehalem', '--cpu');
printed('qemu', '--accel', 'tcg', 'v.bin');
has('-accel tcg -cpu max', '--accel tcg');
SKIP: {
    skip 'there is no /dev/kvm to open', 1 unless open my $kvm, '+<', '/dev/kvm';
    printed('qemu', '--accel', 'kvm', 'v.bin');
    has('-accel kvm -cpu host,arch-capabilities=off', '--accel kvm');
}
printed('-S', '-t', "$scratch/t", 'qemu', 'v.bin');
like($command, qr{-initrd \Q$scratch\E/t/config\.json }, '-t');
ok(!-e "$scratch/t", '-D makes no directory');
printed('qemu', '--machine', 'q35', 'v.bin');
has('-machine q35', '--machine q35');

# ---- microvm ----

printed('qemu', '-I', 'a,vioif', '-W', 'a,inet,dhcp', '-b', 'disk', 'm.bin');
like($command, qr/-machine microvm,acpi=on,\S*rtc=on/,
    'an image for MMIO only runs on microvm');
has('-global virtio-mmio.force-legacy=false', 'modern virtio');
like($command, qr/-device virtio-$_-device/, "$_ on MMIO")
  for qw(serial rng blk net);
unlike($command, qr/-pci/, 'nothing on PCI');
printed('qemu', '--machine', 'microvm', 'both.bin');
like($command, qr/-machine microvm/, '--machine microvm');

# ---- interfaces ----

printed('qemu', '-I', 'xen0,xenif', '-W', 'xen0,inet,static,10.0.120.120/24',
    'v.bin');
my ($mac) = $command =~ /virtio-net-pci,\S*,mac=(\S+)/;
like($mac, qr/^52:54:00(:[0-9a-f]{2}){3}$/, 'a MAC address is made up');
is_deeply($doc->{net}, [{if => 'xenif0', mac => $mac, type => 'inet',
            method => 'static', addr => '10.0.120.120', mask => '24',
            dns => ['10.0.120.3']}], '-I and -W static, the documents\' way')
  or diag(explain($doc->{net}));
like($command, qr{-netdev user,id=net0,net=10.0.120.0/24,host=10.0.120.2,dns=10.0.120.3,dhcpstart=10.0.120.120 },
    'the network follows');
like($command, qr/romfile=,/, 'no boot ROM');
printed('qemu', '-W', 'a,inet,dhcp', '-I', 'a,vioif,mac=52:54:00:00:00:01',
    '-I', 'b,vioif,mac=52:54:00:00:00:02,user', '-W', 'b,inet6,auto',
    '-W', 'a,inet6,static,fd00::5/64,fd00::1', 'v.bin');
is_deeply($doc->{net}, [
    {if => 'vioif0', mac => '52:54:00:00:00:01', type => 'inet',
        method => 'dhcp'},
    {if => 'vioif0', mac => '52:54:00:00:00:01', type => 'inet6',
        method => 'static', addr => 'fd00::5', mask => '64', gw => 'fd00::1'},
    {if => 'vioif1', mac => '52:54:00:00:00:02', type => 'inet6',
        method => 'auto'},
], 'two interfaces, several addresses, -W before its -I')
  or diag(explain($doc->{net}));
like($command, qr/netdev=net0,mac=52:54:00:00:00:01.*netdev=net1,mac=52:54:00:00:00:02/,
    'each with its MAC address');
printed('qemu', '-I', 'a,vioif', 'v.bin');
is($doc->{net}, undef, '-I alone configures nothing');
printed('qemu', '-I', 'a,vioif,-net tap,ifname=tap7,script=no', 'v.bin');
like($command, qr/-netdev tap,id=net0,ifname=tap7,script=no /,
    'the original\'s -net tap');
printed('qemu', '-I', 'a,vioif,tap,ifname=tap7', 'v.bin');
like($command, qr/-netdev tap,id=net0,ifname=tap7 /, 'tap');
printed('qemu', '-I', 'a,vioif,bridge=br0', 'v.bin');
like($command, qr/-netdev bridge,id=net0,br=br0 /, 'bridge');
printed('qemu', '-I', 'a,vioif,-net user,hostname=x', 'v.bin');
like($command, qr/-netdev user,id=net0,hostname=x /, '-net user with options');
printed('qemu', '-n', 'inet,static,10.10.10.10/16', 'v.bin');
is($doc->{net}[0]{addr}, '10.10.10.10', '-n');
printed('qemu', '--interface', 'a,vioif', '--address', 'a,inet,dhcp', 'v.bin');
is($doc->{net}[0]{method}, 'dhcp', '--interface, --address');

# ---- published ports ----

$port = free_port();
printed('qemu', '--publish', "127.0.0.1:$port:80", 'v.bin');
like($command, qr/-netdev user,id=net0,hostfwd=tcp:127\.0\.0\.1:$port-:80 /,
    '--publish without -I');
is("$doc->{net}[0]{if} $doc->{net}[0]{method}", 'vioif0 dhcp',
    'makes an interface');
printed('qemu', '--publish', '0:80', '--publish', 'localhost:0:53/udp', 'v.bin');
like($command, qr/hostfwd=tcp::[1-9]\d*-:80,hostfwd=udp:127\.0\.0\.1:[1-9]\d*-:53 /,
    'repeated, UDP, ports chosen');
printed('qemu', '-I', 'a,vioif,tap', '-I', 'b,vioif', '-W',
    'b,inet,static,10.1.2.3/24', '--publish', "$port:80", 'v.bin');
like($command, qr/-netdev user,id=net1,\S*hostfwd=tcp::$port-10\.1\.2\.3:80 /,
    'the forward goes to the static address, on the user network');
printed('qemu', '-I', 'a,vioif', '--publish', "$port:80", 'v.bin');
is($doc->{net}[0]{method}, 'dhcp', 'a published interface gets an address');

# ---- block devices ----

printed('qemu', '-b', 'data.iso,/data', '-b', 'disk', '-b', 'a,b.iso,/x y', 'v.bin');
is_deeply($doc->{blk}, [
    {source => 'dev', path => 'ld0', fstype => 'blk', mountpoint => '/data'},
    {source => 'dev', path => 'ld1'},
    {source => 'dev', path => 'ld2', fstype => 'blk', mountpoint => '/x y'},
], '-b') or diag(explain($doc->{blk}));
like($command, qr/node-name=ld0,read-only=on,file.driver=file,file.filename=data\.iso /,
    'an ISO image is read-only');
like($command, qr/node-name=ld1,read-only=off,\S*filename=disk /,
    'a disk is not');
like($command, qr/filename=a,,b\.iso /, 'commas in paths');
like($command, qr/virtio-blk-pci,\S*drive=ld2,serial=ld2/, 'serial numbers');
chmod 0444, 'disk';
printed('qemu', '-b', 'disk', 'v.bin');
like($command, qr/node-name=ld0,read-only=on/, 'what nobody may write');
chmod 0644, 'disk';

# ---- --config ----

spew('c.json', '{"rc": [{"bin": "v", "runmode": "&"}], "env": ["A=1"],
    "mount": [{"source": "tmpfs", "mountpoint": "/scratch"}]}');
printed('qemu', '--config', 'c.json', '-e', 'B=2', 'v.bin');
is_deeply($doc, {rc => [{bin => 'v', runmode => '&'}], env => ['A=1', 'B=2'],
        mount => [{source => 'tmpfs', mountpoint => '/scratch'}],
        console => {}}, '--config, options added')
  or diag(explain($doc));

done_testing();
