#!/usr/bin/perl
# Several programs in one image: one after another, in the background, in pipelines.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

my $work = scratch();
my $image = "$work/two.bin";

# The same program under two names.
system('cp', "$build/test/guest/role", "$work/$_") == 0 or die for 'first', 'second';
my $bake = run(
    ["$build/toolchain/bin/rumprun-bake", 'hw_minimal', $image, "$work/first", "$work/second"]);
is($bake->{status}, 0, 'baked') or diag($bake->{err});

# Boot with this "rc"; the lines of the programs, the status, kernel messages.
sub boot {
    my ($rc, $memory) = @_;
    open(my $o, '>', "$work/doc.json") or die;
    print $o $rc =~ /^\{"(rc|cmdline)"/ ? $rc : "{\"rc\":[$rc]}";
    close $o;
    my $r = run([
        'qemu-system-x86_64', '-accel', 'tcg', '-machine', 'pc', '-nodefaults',
        '-no-reboot', '-display', 'none', '-m', $memory || 32, '-serial', 'stdio',
        '-debugcon', "file:$work/log", '-device', 'isa-debug-exit,iobase=0xf4,iosize=4',
        '-kernel', $image, '-initrd', "$work/doc.json"
    ]);
    my $log = slurp("$work/log");
    ($r->{end}) = $log =~ /^rumprun-status: (.*)$/m;
    $r->{log} = $log;
    return $r;
}

sub entry {
    my ($bin, $mode, @argv) = @_;
    return sprintf '{"bin":"%s","runmode":"%s","argv":[%s]}', $bin, $mode,
        join ',', map {"\"$_\""} @argv;
}

sub check {
    my ($name, $rc, $out, $end) = @_;
    my $r = boot($rc);
    is($r->{out}, $out, $name) or diag($r->{log});
    is($r->{end}, $end, "$name: status");
    return $r;
}

check(
    'one after another',
    entry('first', '', 'a', 'sleep', 100, 'say', 'one') . ','
        . entry('second', '', 'b', 'say', 'two'),
    "a: one\nb: two\n", 'exit 0'
);
check('all get the command line', '{"cmdline":"x say \'two words\'"}',
    "x: two words\nx: two words\n", 'exit 0');
check(
    'the last failure counts',
    join(',', map { entry('first', '', 'a', 'exit', $_) } 0, 3, 4, 0),
    '', 'exit 4'
);
check('a signal', entry('first', '', 'a', 'raise', 11), '', 'signal 11');
check(
    'the background is waited for',
    entry('first', '&', 'a', 'sleep', 300, 'say', 'late') . ','
        . entry('second', '', 'b', 'say', 'early'),
    "b: early\na: late\n", 'exit 0'
);
check(
    'not after a failure',
    entry('first', '&', 'a', 'sleep', 100000, 'say', 'never') . ','
        . entry('second', '', 'b', 'exit', 5),
    '', 'exit 5'
);
check(
    'a failure in the background',
    entry('first', '&', 'a', 'sleep', 100, 'exit', 9) . ',' . entry('second', '', 'b'),
    '', 'exit 9'
);
check(
    'a pipeline',
    entry('first', '|', 'a', 'say', 'x', 'say', 'y', 'exit', 3) . ','
        . entry('second', '', 'b', 'copy', '>'),
    "> a: x\n> a: y\n", 'exit 0'
);
check(
    'a pipeline of three',
    entry('first', '|', 'a', 'say', 'x') . ','
        . entry('second', '|', 'b', 'copy', '1') . ','
        . entry('first', '', 'c', 'copy', '2', 'exit', 6),
    "2 1 a: x\n", 'exit 6'
);
check(
    'of a pipeline in the background the last counts, too',
    entry('first', '|', 'a', 'exit', 3) . ','
        . entry('second', '&', 'b', 'copy', '>') . ',' . entry('first', '', 'c', 'say', 'x'),
    "c: x\n", 'exit 0'
);
check(
    'stopped and continued by another program',
    entry('second', '&', 'b', 'tell', 18) . ','
        . entry('first', '', 'a', 'handle', 18, 'thread', 1, 'say', 'stops', 'raise', 19,
        'handled', 'goes on', 'raise', 20, 'say', 'no shell, no stop'),
    "a: stops\na: goes on 1\na: no shell, no stop\n", 'exit 0'
);
for my $case (
    ['{"bin":"third"}',                   qr/no program "third"/,       'unknown program'],
    ['{"bin":"first","runmode":"x"}',     qr/"runmode"/,                'unknown run mode'],
    ['{"bin":"first","runmode":"|"}',     qr/nothing follows/,          'pipe to nowhere'],
    ['{"bin":"first","color":"red"}',     qr/unknown key "color"/,      'unknown key'],
    ['{"argv":["x"]}',                    qr/no "bin"/,                 'no program named'],
    ['{"bin":"first","argv":[1]}',        qr/"argv".*not a string/,     'wrong argument'],
    ['',                                  qr/no program to run/,        'empty list'],
    ['{"rc":{}}',                         qr/"rc" is not an array/,     'not a list'],
    ['{"bin":"first","argv":["' . 'x' x 200000 . '"]}', qr/too long/,   'huge argument'])
{
    my ($rc, $message, $name) = @$case;
    my $r = boot($rc);
    like($r->{log}, $message, $name);
    is($r->{end}, 'exit 2', "$name: status");
}
is(boot(entry('first', '', 'a', 'say', 'small'), 4)->{out}, "a: small\n", 'in 4 MiB');

done_testing();
