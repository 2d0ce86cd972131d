#!/usr/bin/perl
# Arguments, environment and standard input reach the program.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;
use Test::More;

differential(
    'args',
    args  => ['one', 'two words', 'quo"te', 'back\\slash', '', 'last,comma'],
    env   => ['A=1', 'B=two words, and a comma', 'C='],
    stdin => "some input\nsecond line\nno newline at the end"
);

done_testing();
