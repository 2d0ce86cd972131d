#!/usr/bin/perl
# The checks of hw_debug (core/include/plain/selfcheck.h), one by one: the kernel commits a
# crime (guest/kern/crime*.c), and the check for it ends the guest with a report
# that names the culprit.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

my $crimes = qr/crime_locks\.c:\d+/;
my %told; # what each of them was answered

sub crime {
    my ($crime, $message, $frame, %o) = @_;
    my $r = guest('crimes', config => 'hw_debug', args => [$crime], cpus => 1, %o);

    like($r->{err}, qr/panic: DEBUG: $message/, "$crime: reported") or diag($r->{err});
    like($r->{err}, qr/#\d+ 0x[0-9a-f]+ kernel: $frame\+/, "$crime: by whom")
      or diag($r->{err});
    is($r->{status}, 120, "$crime: ends the guest");
    $told{$crime} = $r->{err};
}

crime('order-of-spin-locks',
    qr/lock order: \S*$crimes spin lock is taken while \S*$crimes spin lock is held; the other/,
    'order_of_spin_locks');
crime('order-of-mutexes', qr/lock order: \S*$crimes mutex_a is taken while \S*$crimes mutex_b is held/,
    'order_of_mutexes');
crime('order-around-a-corner', qr/lock order: \S*$crimes mutex_a is taken while \S*$crimes c is held/,
    'order_around_a_corner');
crime('written-order',
    qr/lock order: \S+ process_lock is taken while \S+ &vm->lock is held, against the order/,
    'written_order');
crime('two-of-a-kind', qr/two of \S*$crimes &m\[i\] are taken/, 'two_of_a_kind');
crime('taken-twice', qr/\S*$crimes spin lock is taken twice/, 'taken_twice');
crime('not-held', qr/\S*$crimes spin lock is given back by who does not hold it/, 'not_held');
crime('not-initialised', qr/a lock that was never initialised is taken/, 'not_initialised');
crime('interrupts-on',
    qr/\S*$crimes spin lock is taken by an interrupt handler, and also with interrupts on/,
    'interrupts_on');
crime('sleep-under-spin-lock', qr/sleeps while \S*$crimes spin lock is held/,
    'sleep_under_spin_lock');
crime('sleep-without-interrupts', qr/sleeps with interrupts off/, 'sleep_without_interrupts');
crime('copy-under-spin-lock', qr/sleeps while \S*$crimes spin lock is held/,
    'copy_under_spin_lock');
crime('leave-with-lock', qr/returns to the program with \S*$crimes mutex_a held/,
    'syscall_dispatch');
crime('end-with-lock', qr/a thread ends with \S*$crimes mutex_a held/, 'thread_exit');
crime('deep-stack', qr/a thread used \d+ of \d+ bytes of its kernel stack/, 'kstack_free');
crime('overrun', qr/memory at \S+ was written past its end/, 'overrun');
crime('use-after-free', qr/memory at \S+ was written after it was freed/, 'use_after_free');
crime('free-twice', qr/memory at \S+ is freed twice/, 'free_twice');
crime('free-foreign', qr/memory at \S+ (is no object|was written past its end)/, 'free_foreign');
crime('page-after-free',
    qr/page frame 0x\S+ was written at offset 96 while it was free/, 'page_after_free');
crime('never-given-back', qr/\S*$crimes spin lock does not come; its holder is another CPU/,
    'never_given_back', cpus => 2);
crime('deadlock',
    qr/lock order: \S*$crimes spin lock is taken while \S*$crimes spin lock is held/,
    'take_both', cpus => 2);
crime('held-too-long', qr/\S*$crimes spin lock is held too long: \d+ us/, 'held_too_long');
crime('masked-too-long', qr/interrupts are masked too long: \d+ us/, 'masked_too_long');
crime('waits-for-sleeper',
    qr/\S*$crimes mutex_a does not come: thread \d+ \(\w+\) has waited for [2-9]\d* s/,
    'waits_for_sleeper', env => ['RUMPRUN_DEBUG_HUNG=2'], cpus => $_) for 1, 2;
crime('waits-for-reader',
    qr/\S*$crimes &rwlock does not come: thread \d+ \(\w+\) has waited for [2-9]\d* s/,
    'waits_for_reader', env => ['RUMPRUN_DEBUG_HUNG=2']);
crime('reference-revived',
    qr/the reference count at \S+ was 0 already when one was taken or given back/,
    'reference_revived');
crime('reference-below-zero',
    qr/the reference count at \S+ was 0 already when one was taken or given back/,
    'reference_below_zero');
crime('reference-to-freed', qr/a reference to memory at \S+, which is free, is taken/,
    'reference_to_freed');

# A report of two sides shows both: where the one lock was taken that matters, and what
# the other processor is doing.
my $taken = qr/$crimes \S+(?: lock)? was taken here\n\S+\s+#0 0x\w+ kernel:/;
my %sides = (
    'taken-twice'      => qr/$taken taken_twice\+/,
    'order-of-mutexes' => qr/$taken order_of_mutexes\+.*?$crimes mutex_b was taken here, while/s,
    'never-given-back' => qr/$taken holder_thread\+.*?meanwhile CPU \d.*?kernel: holder_thread\+/s,
    'waits-for-sleeper' => qr/waits here\n\S+\s+#0 .*?$taken sleeper_thread\+.*?\(criminal\), sleeps here\n.*?kernel: sleeper_thread\+/s,
    'waits-for-reader' => qr/waits here\n\S+\s+#0 .*?it was taken here last\n.*?kernel: keeps_reading_thread\+/s,
    'deadlock'         => qr/$taken take_both\+.*?meanwhile CPU \d.*?kernel: take_both\+/s,
);
for my $crime (sort keys %sides) {
    like($told{$crime}, qr/$sides{$crime}.*?panic: DEBUG/s, "$crime: both sides") or diag($told{$crime});
}

# With RUMPRUN_DEBUG_KEEP the guest says it, and goes on.
my $r = guest('crimes', config => 'hw_debug', args => ['overrun'], cpus => 1,
    env => ['RUMPRUN_DEBUG_KEEP=1']);
like($r->{err}, qr/DEBUG: memory at \S+ was written past its end/, 'kept: reported');
is($r->{out}, "not found\n", 'kept: the program went on');
is($r->{status}, 0, 'kept: exit status');

# That a host does not let a processor run now and then is no crime.
$r = guest('crimes', config => 'hw_debug', args => ['held-long-once'], cpus => 1);
is($r->{out}, "not found\n", 'a lock that is held long now and then') or diag($r->{err});

# Nor that a handler takes two locks in their order while a thread does.
$r = guest('crimes', config => 'hw_debug', args => ['nested-in-between'], cpus => 1);
is($r->{out}, "not found\n", 'an interrupt in between') or diag($r->{err});

# Who waited for which lock, and for whom.
$r = guest('crimes', config => 'hw_debug', cpus => 2, env => ['RUMPRUN_DEBUG_LOCKS=1'],
    args => ['/proc/lock_stat=0', 'contend', '/proc/lock_stat']);
is($r->{status}, 0, 'lock_stat: read') or diag($r->{err});
my @lines = split /\n/, $r->{out};
like($lines[1], qr/^class name +contentions +waittime-max .* holdtime-avg$/, 'lock_stat: columns');
my $us = qr/ +(\d+\.\d\d)/;
my (%class, @order);
for (@lines) {
    next unless /^(\S.*): +(\d+)$us$us$us +(\d+)$us$us$us$/;
    push @order, $2;
    $class{$1} = { contentions => $2, wait_max => $3, wait_total => $4, wait_avg => $5,
        taken => $6, hold_max => $7, hold_total => $8, hold_avg => $9 };
}
is("@order", join(' ', sort { $b <=> $a } @order), 'lock_stat: sorted by contention');
cmp_ok(scalar @order, '>', 20, 'lock_stat: all classes');
for my $lock (qr/$crimes mutex_a/, qr/$crimes spin lock/) {
    my ($name) = grep { /$lock/ && $class{$_}{contentions} } keys %class;
    my $c = $name ? $class{$name} : {};
    cmp_ok($c->{contentions} || 0, '>', 0, "lock_stat: $lock was waited for");
    cmp_ok($c->{taken} || 0, '>', $c->{contentions} || 0, "lock_stat: $lock: taken");
    for my $time ('wait', 'hold') {
        cmp_ok($c->{"${time}_max"} || 0, '>', 0, "lock_stat: $lock: longest $time");
        cmp_ok($c->{"${time}_max"} || 0, '<=', $c->{"${time}_total"} || 0, "lock_stat: $lock: all of them");
    }
}
like($r->{out}, qr/^ +1 waited at \[<[0-9a-f]{16}>\]\n +1 for +\[<[0-9a-f]{16}>\]$/m,
    'lock_stat: places');
like($r->{err}, qr/DEBUG: \S*$crimes mutex_a was waited for 1 times, \d+ us in all\n.*?by\n.*?kernel: contend\+.*?held by\n.*?kernel: contending_thread\+/s,
    'lock_stat: names at the end');

# Who allocated, who freed.
$r = guest('crimes', config => 'hw_debug', args => ['use-after-free'], cpus => 1);
like($r->{err}, qr/DEBUG: 40 bytes, allocated by\n.*?use_after_free.*?DEBUG: freed by\n.*?use_after_free/s,
    'the report names who allocated and who freed');

done_testing();
