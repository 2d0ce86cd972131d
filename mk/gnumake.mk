# For GNU make, included by the GNUmakefile beside each Makefile: hands
# everything over to bmake, so that plain `make' works.

_mk := $(dir $(lastword $(MAKEFILE_LIST)))
_goals := $(if $(MAKECMDGOALS),$(MAKECMDGOALS),all)

.PHONY: $(_goals) _bmake
$(_goals): _bmake
	@:

_bmake:
	+@$(_mk)../scripts/bmake '$(CURDIR)' "$${MAKEFLAGS-}" \
	    $(MAKECMDGOALS) $(MAKEOVERRIDES)

# Nothing here is made by rules of GNU make's own.
MAKEFLAGS += --no-builtin-rules --no-print-directory
.SUFFIXES:
