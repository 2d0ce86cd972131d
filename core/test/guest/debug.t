#!/usr/bin/perl
# The checks of hw_debug (core/include/plain/selfcheck.h), one by one: the kernel commits a
# crime (guest/kern/crimes.c), and the check for it ends the guest with a report
# that names the culprit.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

my $crimes = qr/crimes\.c:\d+/;
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

# A report of two sides shows both: where the one lock was taken that matters, and what
# the other processor is doing.
my $taken = qr/$crimes \S+(?: lock)? was taken here\n\S+\s+#0 0x\w+ kernel:/;
my %sides = (
    'taken-twice'      => qr/$taken taken_twice\+/,
    'order-of-mutexes' => qr/$taken order_of_mutexes\+.*?$crimes mutex_b was taken here, while/s,
    'never-given-back' => qr/$taken holder_thread\+.*?meanwhile CPU \d.*?kernel: holder_thread\+/s,
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

# Who allocated, who freed.
$r = guest('crimes', config => 'hw_debug', args => ['use-after-free'], cpus => 1);
like($r->{err}, qr/DEBUG: 40 bytes, allocated by\n.*?use_after_free.*?DEBUG: freed by\n.*?use_after_free/s,
    'the report names who allocated and who freed');

done_testing();
