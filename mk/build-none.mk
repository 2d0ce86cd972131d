# The port has its own rules, or nothing to build.
