#!/usr/bin/perl
# nginx as a user knows it: the port's own site and configuration.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Nginx;
use PortTest;
use Test::More;

my $dir = site();
write_file("$dir/www/pre.txt", 'plain');
write_file("$dir/www/pre.txt.gz", 'packed before');
my $g = boot($dir);
my $index = slurp("$dir/www/index.html");

sub status { curl('-o', '/dev/null', '-w', '%{http_code}', @_) }

is(curl("$http/"), $index, 'the page');
like(curl('-I', "$http/"), qr{^HTTP/1\.1 200 OK\r$}m, 'its status');
like(curl('-I', "$http/"), qr{^Content-Type: text/html\r$}m, 'its type');
is(curl("$http/index"), $index, 'without .html');
is(status("$http/nope"), 404, 'a page that is not there');
is(curl("$http/nope"), slurp("$dir/www/404.html"), 'its page');
is(status("$http/../conf/nginx.conf", '--path-as-is'), 400,
    'no way out of the site');
is(status("$http/home"), 301, 'rewrite');
like(curl('-I', "$http/home"), qr{^Location: /\r$}m, 'to the start');
like(curl('-I', "$http/style.css"), qr{^Cache-Control: max-age=3600\r$}mi,
    'a location by expression');
like(curl("$http/status"), qr/^Active connections: \d+/, 'stub_status');

is(curl('--compressed', "$http/"), $index, 'gzip');
like(curl('-I', '--compressed', "$http/"), qr/^Content-Encoding: gzip\r$/mi,
    'is used');
is(curl('-H', 'Accept-Encoding: gzip', "$http/pre.txt"), 'packed before',
    'gzip_static');

is(curl('-r', '0-8', "$http/"), substr($index, 0, 9), 'a range');
is(curl('-r', '-7', "$http/"), substr($index, -7), 'a range from the end');
is(status('-r', '999999-', "$http/"), 416, 'a range that is not there');
my ($etag) = curl('-I', "$http/") =~ /^ETag: (.*)\r$/mi;
is(status('-H', "If-None-Match: $etag", "$http/"), 304, 'not modified');
is(status('-X', 'POST', '-d', 'x', "$http/"), 405, 'POST to a file');

is(curl("$http/", "$http/style.css", '-o', '/dev/null', '-o', '/dev/null',
        '-w', '%{num_connects}'), '10', 'keep-alive');

is(curl("$https/"), $index, 'TLS');
is(curl("$https/", '-o', '/dev/null', '-w', '%{http_version}'), '2',
    'HTTP/2 over TLS');
is(curl('--http1.1', "$https/"), $index, 'HTTP/1.1 over TLS');
is(curl('--tls-max', '1.2', "$https/"), $index, 'TLS 1.2');
curl('--tls-max', '1.1', "$https/", '--stderr', '/dev/null');
isnt($?, 0, 'TLS 1.1 is refused');

my $status = quit($g);
is($status, 0, 'SIGTERM: ends with status 0') or show_console($g);
my @log = grep { /"GET \/nope HTTP/ } split /\n/, slurp($g->{out});
cmp_ok(scalar @log, '==', 2, 'access log on the console');

done_testing();
