# One story on a machine of any kind: it boots, serves a page with the contents of
# its disks through every network interface, is told to switch off, and does so
# with the exit status of its program.  Machines.pm lists the machines.
package Machine;
use strict;
use warnings;
use Exporter 'import';
use File::Basename qw(dirname);
use Guest;
use IO::Socket::INET;
use IO::Socket::UNIX;
use lib dirname(__FILE__) . '/..';
use Kvm qw(kvm_opens processor_virtualises);
use POSIX qw(:sys_wait_h);
use Test::More;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

our @EXPORT = qw(machine_ok ring3_impossible $no_clac);

my $rumprun = "$build/toolchain/bin/rumprun";
my $limit = $ENV{GUEST_TIMEOUT} || 180;
my $patience = $limit; # seconds, for the story that is being told

# Where devices hang on a machine with bridges: what adds them, and the buses.
my %bridges = (
    'pcie-root-port' => [[map { ('-device', "pcie-root-port,id=b$_,chassis=$_") } 0 .. 3],
        qw(b0 b1 b2 b3)],
    'pci-bridge' => [['-device', 'pci-bridge,id=b0,chassis_nr=1'], 'b0'],
    'two pci-bridges' => [['-device', 'pci-bridge,id=a0,chassis_nr=1,addr=9', '-device',
            'pci-bridge,id=b0,chassis_nr=2,bus=a0,addr=5'], 'b0'],
    'pcie-pci-bridge' => [['-device', 'pcie-root-port,id=a0,chassis=1', '-device',
            'pcie-pci-bridge,id=b0,bus=a0'], 'b0'],
);

my $serial = 0; # of stories, for the names of files

sub free_port {
    my $s = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1') or die;
    return $s->sockport;
}

# Disk n: an ISO 9660 file system with one file; its path and the file's text.
my @disks;
sub disk {
    my ($n) = @_;
    my $dir = scratch() . "/disk$n";

    return @{$disks[$n]} if $disks[$n];
    mkdir $dir or die;
    my $text = join '', map { "disk $n, line $_\n" } 1 .. 5000;
    spew("$dir/file", $text);
    system('genisoimage', '-quiet', '-R', '-o', "$dir.iso", $dir) == 0 or die;
    $disks[$n] = ["$dir.iso", $text];
    return @{$disks[$n]};
}

sub mac { return sprintf '52:54:00:00:00:%02x', 1 + $_[0] }
sub net { return '10.0.' . (10 + $_[0]) }

# The program's arguments.
sub arguments {
    my ($m) = @_;
    return (($m->{use} ? ('-m', $m->{use}) : ()),
        map { "/disk$_/file" } 0 .. $m->{disks} - 1);
}

# The first interface asks for its address, the others are told.
sub document {
    my ($m) = @_;
    my @args = map { qq("$_") } $m->{program}, arguments($m);
    my @net = map {
        sprintf '{"if":"vioif%d","mac":"%s","type":"inet",%s}', $_, mac($_),
          $_ ? sprintf '"method":"static","addr":"%s.15","mask":"24"', net($_)
          : '"method":"dhcp"';
    } 0 .. $m->{nics} - 1;
    my @blk = map {
        qq({"source":"dev","path":"ld$_","fstype":"blk","mountpoint":"/disk$_"})
    } 0 .. $m->{disks} - 1;

    local $" = ',';
    return qq({"cmdline":[@args],"net":[@net],"blk":[@blk]});
}

# On an ISO, disks are on it, too.
sub make_iso {
    my ($m, $image) = @_;
    my $iso = scratch() . "/machine$serial.iso";
    my @net = map {
        my $a = $_ ? sprintf('static,%s.15/24', net($_)) : 'dhcp';
        ('-I', "n$_,vioif,mac=" . mac($_), '-W', "n$_,inet,$a")
    } 0 .. $m->{nics} - 1;
    my @blk = map { ('-b', (disk($_))[0] . ",/disk$_") } 0 .. $m->{disks} - 1;
    my $r = run([$rumprun, 'iso', '-o', $iso, @net, @blk, '--', $image, arguments($m)]);

    is($r->{status}, 0, 'make the ISO') or diag($r->{err});
    return $iso;
}

# All devices, and the ports of the host that lead to the interfaces.
sub devices {
    my ($m, $ports) = @_;
    my $kind = $m->{machine} =~ /^microvm/ ? 'device' : 'pci';
    my ($add, @buses) = $m->{bridge} ? @{$bridges{$m->{bridge}}} : ([]);
    my @args = @$add;
    my ($n, $slot) = (0, 1);
    my $device = sub {
        my ($what, @props) = @_;
        # A root port has one slot; on a bridge slot 0 is its own.
        my $bus = @buses ? 'bus=' . $buses[$n % @buses] : undef;
        $bus .= ',addr=' . $slot++ if @buses == 1;
        $n++;
        push @args, '-device', join ',', "virtio-$what-$kind",
          grep { defined && $_ ne '' } @props, $m->{virtio}, $bus;
    };

    for my $i (0 .. $m->{nics} - 1) {
        my ($p, $net) = (free_port(), net($i));
        push @$ports, $p;
        push @args, '-netdev', "user,id=n$i,net=$net.0/24,dhcpstart=$net.15,"
          . "hostfwd=tcp:127.0.0.1:$p-$net.15:80";
        $device->('net', "netdev=n$i", 'mac=' . mac($i), $m->{net},
            $kind eq 'pci' && ($m->{net} || '') !~ /romfile/ ? 'romfile=' : ());
    }
    for my $i (0 .. ($m->{iso} ? 0 : $m->{disks}) - 1) {
        my ($path) = disk($i);
        push @args, '-drive', "if=none,id=d$i,format=raw,readonly=on,file=$path";
        $device->('blk', "drive=d$i", "serial=ld$i", $m->{blk});
    }
    return @args;
}

# One request; everything that came back, or undef.
sub get {
    my ($port, $path) = @_;
    my $s = IO::Socket::INET->new("127.0.0.1:$port") or return undef;
    my $answer = '';

    local $SIG{PIPE} = 'IGNORE';
    local $SIG{ALRM} = sub { $s->shutdown(2) };
    alarm $limit;
    print $s "GET $path HTTP/1.0\r\n\r\n";
    while (sysread($s, $answer, 65536, length $answer)) { }
    alarm 0;
    return $answer;
}

sub start {
    my ($files, @cmd) = @_;
    my $pid = fork;
    die "fork: $!" unless defined $pid;
    return $pid if $pid;
    open(STDIN, '<', '/dev/null') or die;
    open(STDOUT, '>', "$files.out") or die;
    open(STDERR, '>&', \*STDOUT) or die;
    exec {$cmd[0]} @cmd or POSIX::_exit(127);
}

# Wait for a condition; false if the machine ends before, or hangs.
sub wait_for {
    my ($pid, $status, $condition) = @_;
    my $end = clock_gettime(CLOCK_MONOTONIC) + $patience;

    until ($condition->()) {
        if (waitpid($pid, WNOHANG) == $pid) {
            $$status = $?;
            return 0;
        }
        return 0 if clock_gettime(CLOCK_MONOTONIC) > $end;
        select(undef, undef, undef, 0.02);
    }
    return 1;
}

# The monitor stays open for as long as the caller keeps what this returns.
sub press_button {
    my ($files) = @_;
    my $s = IO::Socket::UNIX->new(Peer => "$files.monitor") or return undef;

    $s->autoflush(1);
    print $s "system_powerdown\n";
    return $s;
}

sub command {
    my ($m, $files, $ports) = @_;
    my $image = image($m->{program}, $m->{config});
    my @boot = ('-kernel', $image);

    if ($m->{iso}) {
        my $iso = make_iso($m, $image);
        @boot = $m->{iso} eq 'cd' ? ('-cdrom', $iso) : ('-drive', "file=$iso,format=raw");
    } else {
        push @boot, '-initrd', spew("$files.json", document($m));
    }
    push @boot, '-global', 'virtio-mmio.force-legacy=false'
      if $m->{machine} =~ /^microvm/ && !grep { /force-legacy/ } @{$m->{more}};
    return (
        'qemu-system-x86_64', '-accel', $m->{accel}, '-machine', $m->{machine}, '-cpu', $m->{cpu},
        '-m', $m->{memory}, '-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none',
        '-serial', "file:$files.serial", '-monitor', "unix:$files.monitor,server=on,wait=off",
        @boot, devices($m, $ports), @{$m->{more}}
    );
}

sub pages {
    my ($m, @ports) = @_;
    my $want = join '', "HTTP/1.0 200 OK\r\n\r\n", map { (disk($_))[1] } 0 .. $m->{disks} - 1;
    my $ok = 1;

    for my $i (0 .. $#ports) {
        my $got = get($ports[$i], '/');
        my $same = defined $got && $got eq $want;
        next if ok($same, "page through interface $i");
        diag(defined $got ? length($got) . ' bytes of ' . length $want : 'no answer');
        $ok = 0;
    }
    return $ok;
}

sub story {
    my ($m) = @_;
    my $files = scratch() . '/machine' . ++$serial;
    my (@ports, $status, $monitor);
    # Emulated, a GiB takes many seconds to be filled.
    $patience = $m->{use} ? 5 * $limit : $limit;
    my @cmd = command($m, $files, \@ports);

    spew("$files.serial", '');
    my $pid = start($files, @cmd);
    my $ok = ok(wait_for($pid, \$status, sub { slurp("$files.serial") =~ /serving\r?$/m }),
        'boots');
    $ok &&= pages($m, @ports);
    if ($ok) {
        $m->{button} ? $monitor = press_button($files) : get($ports[0], '/quit');
        wait_for($pid, \$status, sub { 0 });
    }
    if (!defined $status) {
        kill 'KILL', $pid;
        waitpid $pid, 0;
    }
    $ok &&= is($status, 0, 'switches itself off');
    my $said = slurp("$files.serial");
    $ok &&= like($said, qr/^rumprun-status: exit 7\r?\n\z/m, 'exit status');
    my @said = $said =~ /^(rumprun: .*?)\r?$/mg;
    $ok &&= $m->{says} ? like("@said", $m->{says}, 'says what is missing')
      : is("@said", '', 'no complaints');
    $ok or diag("@cmd\n" . slurp("$files.out") . substr $said, -3000);
    unlink glob "$files.*";
}

# A KVM that interprets instructions is tried, too, though QEMU's emulation is the
# better choice for anybody else.  It promises SMAP whatever processor it is asked for,
# and does not know its instructions, which ring 3 needs.
our $no_clac = 'a KVM that interprets instructions has no CLAC';

sub ring3_impossible {
    return ($ENV{GUEST_RING} || 0) == 3 && !processor_virtualises();
}

sub machine_ok {
    my ($given) = @_;
    my $m = {machine => 'pc', cpu => 'max', memory => 64, config => 'hw_generic', nics => 1,
        disks => 1, button => 1, more => [], program => 'machine', accel => 'tcg', %$given};
    subtest $m->{name} => sub {
        if ($m->{accel} eq 'kvm') {
            plan skip_all => 'no KVM here' unless kvm_opens();
            plan skip_all => $no_clac if ring3_impossible();
        }
        story($m);
    };
}

1;
