#!/usr/bin/perl
# Fatal signals: a report that names the function, and the exit status.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

differential('crash_null', stderr => qr/SIGSEGV.*innermost.*middle.*main/s);
differential('crash_abort', stderr => qr/SIGABRT/);
differential('crash_thread', stderr => qr/SIGILL.*die/s);
differential('crash_kill', stderr => qr/^rumprun: .*: signal 9 \(Killed\)\n$/);
differential('crash_stack', stderr => qr/victim|smash/);

done_testing();
