#!/usr/bin/perl
# ci/full on a small tree made up here: packages that build, fail, and need what
# fails; a run that is ended from outside.
use strict;
use warnings;
use Cwd qw(abs_path);
use FindBin;
use lib "$FindBin::Bin/../lib";
use File::Temp qw(tempdir);
use Packages qw(in_order);
use Record qw(read_history outcome);
use Test::More;

my $top = tempdir(CLEANUP => 1);
delete @ENV{grep { /^(MAKE|MFLAGS|STEPS$|DISTDIR$)/ } keys %ENV};
# The commits are nobody's.
$ENV{"GIT_$_"} = 'nobody' for qw(AUTHOR_NAME COMMITTER_NAME AUTHOR_EMAIL COMMITTER_EMAIL);
$ENV{GIT_CONFIG_GLOBAL} = $ENV{GIT_CONFIG_SYSTEM} = '/dev/null';

sub put {
    my ($name, $text) = @_;
    my ($folder) = $name =~ m{^(.*)/};
    system('mkdir', '-p', "$top/$folder") if defined $folder;
    open(my $f, '>', "$top/$name") or die "$name: $!";
    print $f $text;
}
sub port {
    my ($name, $facts, $rules) = @_;
    put("packages/$name/Makefile", "${facts}all:\n$rules\nshow-version:\n\t\@echo 1.$name\n");
}

is(join(' ', in_order({a => ['c', 'gone'], b => [], c => ['b']})), 'b c a', 'in order');
is(join(' ', in_order({a => ['b'], b => ['a']})), 'b a', 'a circle ends');

put('Makefile', <<'EOM');
core:
demo:
	@sleep $${SLOW:-0}
test:
	prove --timer packages/*/test/*.t
EOM
put('packages/guest/test/t.t', qq{print "ok 1\\n1..1\\n";});
put('packages/tested/test/t.t', qq{print "ok 1\\nnot ok 2\\n1..2\\n"; exit 1;});
port('bad', '', "\t\@echo it goes wrong; exit 3");
port('needy', "DEPENDS=bad lib\n", "\t\@touch built");
port('lib', '', "\t\@touch built");
port('tested', '', "\t\@touch built");
# Its guest needs 5 MiB, and answers by what it prints.
port('guest', "COMMENT=boots\nRUN_PROGRAM=image\nRUN_PROBE=grep -q hello \$\$CONSOLE\n", <<'EOM');
	@cp /bin/true image
install:
	@mkdir -p $(PREFIX)/bin $(PREFIX)/lib/rumprun/guest
	@cp run $(PREFIX)/bin/rumprun-guest
	@echo 'RUMPRUN_MEMORY=64 RUMPRUN_PUBLISH=' >$(PREFIX)/lib/rumprun/guest/defaults
EOM
put('packages/guest/run', "#!/bin/sh\n[ \$RUMPRUN_MEMORY -ge 5 ] || exit 121\necho hello\nexec sleep 9\n");
chmod 0755, "$top/packages/guest/run";
system('cp', '-R', abs_path("$FindBin::Bin/.."), "$top/ci");
put('core/test/Kvm.pm', slurp("$FindBin::Bin/../../core/test/Kvm.pm"));
system("cd $top && git init -q . && git add -A && git commit -qm 'a <tree>'") == 0 or die "git\n";

sub full {
    my ($dir, %env) = @_;
    my $pid = fork;
    if (!$pid) {
        @ENV{keys %env} = values %env;
        open(STDOUT, '>', "$top/said") or die;
        open(STDERR, '>&', \*STDOUT) or die;
        exec "$top/ci/full", $dir or die;
    }
    return $pid;
}
sub slurp { open(my $f, '<', $_[0]) or return ''; local $/; return <$f> // '' }

# ---- one that ends ----

my $status = "$top/status";
waitpid full($status, STEPS => 'demo test'), 0;
is($? >> 8, 1, 'something failed') or diag(slurp("$top/said"));
my ($run) = read_history($status);
is(outcome($run), 'failed', 'says the record');
my %p = map { $_->{name} => $_ } @{$run->{packages}};
is(join(' ', map { "$_ $p{$_}{result}" } sort keys %p),
    'bad failed guest passed lib passed needy failed tested failed', 'each package by itself');
is($p{bad}{why}, 'the build fails', 'why: build');
is($p{needy}{why}, 'needs bad, which failed', 'why: dependency');
is($p{tested}{why}, 'tests fail: packages/tested/test/t.t', 'why: tests');
is($p{lib}{version}, '1.lib', 'version');
is($p{guest}{least_memory_mib}, 5, 'least memory');
ok($p{guest}{boot_ms} > 0 && $p{guest}{stripped_bytes} > 0, 'first answer and size');
like(slurp("$status/$p{bad}{log}"), qr/it goes wrong/, 'its log');
is(join(' ', map { "$_->{name} $_->{result}" } @{$run->{steps}}),
    'clone passed core passed demo passed test failed', 'every step');
is($run->{commit}{subject}, 'a <tree>', 'commit');
ok($run->{host}{cpus} > 0 && $run->{host}{memory_mib} > 0, 'host');
my $page = slurp("$status/index.html");
ok($page =~ /Something fails.*a &lt;tree&gt;.*packages\/tested\/test/s, 'the page');

# ---- one that is ended ----

my $pid = full($status, STEPS => 'demo', SLOW => 99917);
my $at = sub { my @all = read_history($status); return $all[-1] };
for (1 .. 1200) {
    last if ($at->()->{at} // '') eq 'make demo';
    select(undef, undef, undef, 0.1);
}
is(outcome($at->()), 'running', 'a run under way');
kill 'TERM', $pid;
waitpid $pid, 0;
is($? >> 8, 143, 'is ended');
is(outcome($at->()), 'interrupted', 'and shows as interrupted');
# What its command had started dies of the same signal, perhaps a moment later.
for (1 .. 100) {
    last if qx{pgrep -x -f 'sleep 99917'} eq '';
    select(undef, undef, undef, 0.1);
}
is(qx{pgrep -x -f 'sleep 99917'}, '', 'nothing of it is left');
is(system("$top/ci/status", $status), 0, 'the page is made again');
ok(slurp("$status/index.html") =~ /The run was interrupted.*make demo/s, 'and says so');

# ---- words that it does not know ----

waitpid full($status, STEPS => 'demo tset'), 0;
ok($? != 0 && slurp("$top/said") =~ /there is no step tset/, 'STEPS');
waitpid full($status, FUZZ_SECONDS => 'x'), 0;
ok($? != 0 && slurp("$top/said") =~ /FUZZ_SECONDS=x: it must be/, 'FUZZ_SECONDS');

done_testing();
