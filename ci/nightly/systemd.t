#!/usr/bin/perl
# The unit that `make install' writes, under a real systemd: it starts the guest,
# what the guest says is in the journal, a guest that fails is started again, one
# that an operator stops is not.
#
# systemd is process 1 of a container (systemd-nspawn) with namespaces of its own:
# /usr is the host's, read-only; everything else is in memory and goes with it.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../../scripts/test";
use PortTest;
use Test::More;

plan skip_all => 'skipped, because only root can make a container' if $> != 0;
my @spaces = qw(--mount --pid --net --uts --ipc --cgroup --fork);
plan skip_all => 'skipped, because namespaces are not allowed here'
  if system("unshare @spaces mount -t tmpfs none /run 2>/dev/null") != 0;
command("$top/scripts/hostdeps", 'systemd=/lib/systemd/systemd',
    'systemd-container=systemd-nspawn') or die "no systemd\n";

# ---- what runs in it ----

delete @ENV{grep { /^(MAKE|MFLAGS|RUMPRUN_|DESTDIR$|PREFIX$|RELOCATABLE$)/ } keys %ENV};
my $prefix = '/srv/rumprun';
command('bmake', '-C', "$top/packages/nginx", 'install', 'CORE_READY=yes',
    "DESTDIR=$scratch/stage", "PREFIX=$prefix") or die "make install\n";
# Nothing but what services need.  The group is udev's, elsewhere.
write_file("$scratch/rumprun-test.target",
    "[Unit]\nRequires=sysinit.target systemd-journald.service\n");
my $groups = slurp('/etc/group');
$groups .= "kvm:x:997:\n" if $groups !~ /^kvm:/m;
write_file("$scratch/group", $groups);

# A control group of its own, where systemd has its hierarchy.
sub cgroups {
    my (%at, @found);
    for (split /\n/, slurp('/proc/self/mountinfo')) {
        my ($where, $type, $options) = m{^(?:\S+ ){4}(\S+) .* - (\S+) \S+ (\S+)} or next;
        $at{''} = $where if $type eq 'cgroup2';
        $at{'name=systemd'} = $where if $type eq 'cgroup' && $options =~ /\bname=systemd\b/;
    }
    for (split /\n/, slurp('/proc/self/cgroup')) {
        my ($hierarchy, $path) = /^\d+:([^:]*):(.*)$/ or next;
        push @found, "$at{$hierarchy}$path/rumprun-test-$$" if $at{$hierarchy};
    }
    return @found;
}
my @cgroups = cgroups();
mkdir $_ or die "$_: $!\n" for @cgroups;

my $box;
$SIG{$_} = sub { exit 1 } for qw(HUP INT TERM);
END {
    my $status = $?;
    if ($box) {
        kill 'TERM', $box->{pid};
        ended($box, 60);
    }
    system('find', $_, '-depth', '-type', 'd', '-exec', 'rmdir', '{}', ';') for @cgroups;
    $? = $status;
}

my @masked = qw(systemd-firstboot systemd-hwdb-update ldconfig systemd-journal-catalog-update
  systemd-tmpfiles-setup systemd-tmpfiles-setup-dev systemd-networkd systemd-resolved systemd-udevd);
$box = start(['unshare', '--mount', '--propagation', 'private', 'sh', '-c', <<'SH', 'sh',
set -e
# What nspawn keeps below /run is not the host's either.
mount -t tmpfs none /run
while [ "$1" != -- ]; do echo $$ >"$1/cgroup.procs"; shift; done
shift
exec "$@"
SH
    @cgroups, '--', 'systemd-nspawn', '-q', '-D', '/', '--volatile=yes', '--register=no', '--keep-unit',
    '--private-network', '-M', 'rumprun-test', '--console=pipe',
    "--bind-ro=$scratch/stage$prefix:$prefix", '--bind-ro=/etc/passwd',
    "--bind-ro=$scratch/group:/etc/group",
    "--bind-ro=$scratch/rumprun-test.target:/etc/systemd/system/rumprun-test.target", '--boot',
    'systemd.unit=rumprun-test.target', (map { "systemd.mask=$_.service" } @masked),
    'systemd.mask=systemd-tmpfiles-clean.timer']);

# A command in it; what it says on standard output, its status in $?.
my $init;
sub inside {
    my (@words) = @_;
    if (!$init) {
        ($init) = slurp("/proc/$box->{pid}/task/$box->{pid}/children") =~ /^(\d+)/ or $? = -1, return '';
        slurp("/proc/$init/comm") eq "systemd\n" or $init = undef, $? = -1, return '';
    }
    return output('nsenter', '-t', $init, qw(-m -u -i -n -p -C --), 'sh', '-c',
        'exec "$@" 2>&1', 'sh', @words);
}
sub systemctl { return inside('systemctl', '--no-pager', @_) }
sub property {
    my ($name) = @_;
    return systemctl('show', '-P', $name, 'rumprun-nginx') =~ s/\n\z//r;
}
sub journal { return inside('journalctl', '--no-pager', '-o', 'cat', '-u', 'rumprun-nginx') }
sub serves {
    my ($limit) = @_;
    my $page;
    return until_true($limit, sub {
        $page = inside('curl', '-s', '--max-time', 5, 'http://127.0.0.1:8080/');
        return $? == 0;
    }) && $page eq slurp("$top/packages/nginx/images/data/www/index.html");
}
sub show_journal { diag(substr journal(), -3000) }

ok(until_true(120, sub { systemctl('is-active', 'rumprun-test.target') eq "active\n" }),
    'systemd is up, as process 1')
  or show_console($box), die "no systemd\n";

# ---- start ----

systemctl('link', "$prefix/lib/systemd/system/rumprun-nginx.service");
is(inside('systemd-analyze', '--man=no', 'verify', 'rumprun-nginx.service'), '', 'nothing is wrong with the unit');
my $said = systemctl('enable', '--now', 'rumprun-nginx');
is($?, 0, 'systemctl enable --now') or diag($said);
ok(serves(120), 'the guest serves its page') or show_journal();
ok(until_true(30, sub { journal() =~ m{"GET / HTTP/1\.1" 200 } }), 'its log is in the journal')
  or show_journal();
# The range of users that exist as long as a service does: systemd.exec(5).
my $uid = inside('ps', '-o', 'uid=', '-p', property('MainPID')) + 0;
ok($uid >= 61184 && $uid <= 65519, "as a user of its own, $uid");
like(inside('env', 'XDG_RUNTIME_DIR=/run/rumprun-nginx', "$prefix/bin/rumprun", 'ps'), qr/^nginx\s/m,
    'rumprun ps lists it, where the unit says');

# ---- failures ----

# Until it was started again; to make sure that it is another one, its process differs.
sub again {
    my ($before, $limit) = @_;
    return until_true($limit, sub {
        property('NRestarts') > $before && property('SubState') eq 'running';
    });
}
my $before = property('MainPID');
inside('pkill', '-KILL', 'qemu-system');
ok(again(0, 60), 'a guest that is lost is started again') or show_journal();
isnt(property('MainPID'), $before, 'as another process');
ok(serves(120), 'and serves again') or show_journal();

my $conf = '/run/systemd/system/rumprun-nginx.service.d';
my $drop = "mkdir -p $conf && printf '[Service]\\nEnvironment=\"RUMPRUN_ARGS=-c /none\"\\n' >$conf/test.conf";
inside('sh', '-c', "$drop && systemctl daemon-reload");
systemctl('restart', 'rumprun-nginx');
ok(again(1, 120), 'a program that ends with status 1 is started again, and again') or show_journal();
like(journal(), qr{open\(\) "/none" failed}, 'the journal says why');
like(journal(), qr{Main process exited, code=exited, status=1/FAILURE}, 'and with which status');
inside('sh', '-c', "rm -r $conf && systemctl daemon-reload");
systemctl('reset-failed', 'rumprun-nginx');
systemctl('restart', 'rumprun-nginx');
ok(serves(120), 'with the right settings it serves') or show_journal();

# ---- stop ----

my $restarts = property('NRestarts');
$said = systemctl('stop', 'rumprun-nginx');
is($?, 0, 'systemctl stop') or diag($said);
is(property('ActiveState'), 'inactive', 'ends it');
is(property('Result'), 'success', 'well');
is(inside('pgrep', '-l', 'qemu'), '', 'nothing is left of it');
# Three times RestartSec: it would be back by then.
sleep 3;
is(property('SubState'), 'dead', 'and it stays so');
is(property('NRestarts'), $restarts, 'it was not started again');
$said = journal();
unlike($said =~ s/.*Stopping //sr, qr/Failed with result|Killing process/, 'nor killed') or diag($said);

done_testing();
