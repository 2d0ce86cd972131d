/* options_usage of options.h. */
#include <stdio.h>

#include "options.h"

/* clang-format off */
static const char brief[] =
    "usage: rumprun PLATFORM [OPTION]... [--] IMAGE [ARG]...\n"
    "       rumprun iso [-o FILE] [OPTION]... [--] IMAGE [ARG]...\n"
    "       rumprun ps [-a] [--json]\n"
    "       rumprun logs [-f] NAME\n"
    "       rumprun stop [-t SECONDS] NAME...\n";

static const char whole[] =
    "\n"
    "Runs a baked image.  PLATFORM is qemu (KVM where the processor offers it)\n"
    "or kvm; iso makes a CD or disk image that GRUB boots, by BIOS or UEFI.\n"
    "Options may come before or after it.\n"
    "\n"
    "Program and machine:\n"
    "  -i, --interactive      in the foreground, on this terminal; otherwise\n"
    "                         the guest's name is printed and it runs on\n"
    "  -e, --env VAR[=VALUE]  environment; without a value: ours\n"
    "  -M, --memory MIB       memory (64)\n"
    "  -C, --cpus N           processors (1)\n"
    "  -N, --name NAME        the guest's name and host name\n"
    "  -d, --destroy          accepted: guests never outlive their end here\n"
    "  -p, --paused           do not start to execute (see -D)\n"
    "      --machine MACHINE  pc, q35 or microvm\n"
    "      --cpu MODEL        processor model of QEMU\n"
    "      --accel kvm|tcg    instead of what the platform would choose\n"
    "      --config FILE      JSON to begin the configuration with\n"
    "\n"
    "Network:\n"
    "  -I, --interface TAG,IFNAME[,BACKEND]\n"
    "                         BACKEND: user (default), tap,ifname=IF,\n"
    "                         bridge=BR; mac=MAC\n"
    "  -W, --address TAG,inet,dhcp | TAG,inet,static,ADDR/MASK[,GW] |\n"
    "                TAG,inet6,auto | TAG,inet6,static,ADDR/PREFIX[,GW]\n"
    "  -n, --net NETSPEC      a user interface with the address NETSPEC (what\n"
    "                         -W has behind TAG)\n"
    "      --publish [HOST:]PORT:GUESTPORT[/udp]\n"
    "                         lead a port of the host into the guest (user\n"
    "                         network; PORT 0: any that is free)\n"
    "\n"
    "Storage:\n"
    "  -b, --block IMAGE[,MOUNTPOINT]\n"
    "                         attach a file system image, mount it\n"
    "\n"
    "For iso:\n"
    "  -o, --output FILE      the image to make (NAME.iso here); of the options\n"
    "                         above, -e, -N, -I, -W, -n, -b and --config count\n"
    "\n"
    "For developers:\n"
    "  -D PORT, --gdb PORT    after PLATFORM: gdb server on that port\n"
    "  -D, --print            before PLATFORM: print the command, do not run\n"
    "  -g, --hypervisor ARGS  more arguments for QEMU\n"
    "      --profile FILE     sample where the guest's time goes: a flame graph\n"
    "                         (FILE.svg), or stacks for other tools (FILE.folded)\n"
    "      --profile-hz N     samples a second (99)\n"
    "  -t, --tmpdir DIR       directory for the configuration, removed at the\n"
    "                         end; -T, --keep-tmpdir DIR: kept\n"
    "  -S, --sudo             accepted: nothing here needs root\n"
    "      --status-file FILE write how the guest ended, as JSON\n"
    "  -h, --help             print this\n"
    "  -V, --version          print the version\n"
    "\n"
    "Exit status: the program's own; 128+N if signal N ended it; 120 after a\n"
    "kernel panic, 121 out of memory; 2 if rumprun refused to start it.\n";
/* clang-format on */

void options_usage(bool all)
{
	if (all)
		printf("%s%s", brief, whole);
	else
		fputs(brief, stderr);
}
