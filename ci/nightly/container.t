#!/usr/bin/perl
# What the workflow does on each change (.github/workflows/build.yml), in what it
# does it in: a bare Debian 12 without services, a fresh checkout that belongs to
# somebody else, no /dev/kvm, no sudo.  Of `make test', some tests of each kind.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../../scripts/test";
use JSON::PP;
use PortTest;
use Test::More;

plan skip_all => 'skipped, because only root can make a container' if $> != 0;
plan skip_all => 'skipped, because namespaces are not allowed here'
  if system('unshare --mount --pid --fork mount -t tmpfs none /run 2>/dev/null') != 0;
command("$top/scripts/hostdeps", 'debootstrap=/usr/sbin/debootstrap')
  or die "no debootstrap\n";

my $root = "$build/work/container";
sub remove { system('rm', '-rf', '--one-file-system', '--', $root) }
$SIG{$_} = sub { exit 1 } for qw(HUP INT TERM);
END { my $status = $?; remove() if $root; $? = $status }
remove();

# ---- the container ----

# Where this machine has its packages from; it may be another release.
my $release = 'bookworm';
my $own = (slurp('/etc/os-release') =~ /^VERSION_CODENAME=(\w+)/m)[0] // '';
my (%seen, @sources);
for (split /\n/, output('apt-get', 'indextargets', '--format', '$(REPO_URI) $(RELEASE)')) {
    my ($uri, $suite) = m{^(\S+) \Q$own\E(-updates|-security)?$} or next;
    push @sources, [$uri, $release . ($suite // '')] unless $seen{$_}++;
}
my ($main) = grep { $_->[1] eq $release } @sources or die "apt knows no archive\n";
command('debootstrap', '--variant=minbase', $release, $root, $main->[0])
  or die "debootstrap\n";
write_file("$root/etc/apt/sources.list", join '', map { "deb $_->[0] $_->[1] main\n" } @sources);
command('cp', '-L', '/etc/resolv.conf', '/etc/hosts', "$root/etc");

# As the runner leaves it, who is not root.
my $where = '/__w/rumprun/rumprun';
command('git', 'clone', '-q', $top, "$root$where") or die "git clone\n";
command('chown', '-R', '1001:127', "$root/__w");
command('mkdir', '-p', "$root/github/home");

my $prepare = <<'SH';
set -e
mount -t proc proc "$1/proc"
mount -t tmpfs none "$1/run"
mount -t tmpfs none "$1/dev"
for d in null zero full random urandom tty; do
	: >"$1/dev/$d"
	mount --bind "/dev/$d" "$1/dev/$d"
done
mkdir "$1/dev/shm" "$1/dev/pts"
mount -t tmpfs none "$1/dev/shm"
mount -t devpts -o newinstance,ptmxmode=666 none "$1/dev/pts"
ln -s pts/ptmx "$1/dev/ptmx"
ln -s /proc/self/fd "$1/dev/fd"
exec chroot "$1" env -i HOME=/github/home CI=true \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    sh -c "cd $2 && $3"
SH
sub container {
    my ($what, $command) = @_;
    my $g = start([qw(unshare --mount --propagation private --pid --fork --kill-child), 'sh', '-c',
        $prepare, 'sh', $root, $where, $command]);
    my $status = ended($g, 3600);
    is($status, 0, $what) or show_console($g), die "$what\n";
}

# ---- what the workflow says ----

my $workflow = output('python3', '-c', 'import json, sys, yaml
print(json.dumps(yaml.load(open(sys.argv[1]), Loader=yaml.BaseLoader)))',
    "$top/.github/workflows/build.yml");
my @some = qw(core/test/tools/bake.t core/test/tools/launch-run.t core/test/guest/args.t
  core/test/guest/profile.t ci/test/workflow.t);
my $out = "$where/build/test/guest";
my @run = grep { defined } map { $_->{run} } @{decode_json($workflow)->{jobs}{change}{steps}};
is(pop @run, '.ci/run', 'the last thing that the workflow runs');
container($_, $_) for @run;
container('make core', 'make core');
container('programs for guests', "bmake -C core/test $out/hello.hw_virtio.bin "
      . "$out/args.hw_virtio.bin $out/profiled.hw_virtio.bin $out/profiled.hw_virtio.ring3.bin");
container('host unit tests', 'bmake -C core/test units && prove core/test/unit');
container("@some", "prove @some");
done_testing();
