# The machines on which the story of Machine.pm is told; what is not said is
# that of a pc with everything that QEMU's emulation has.
#
# name      what it is
# quick     in every "make test", too; the others in ci/nightly/machines.t
# machine, cpu, memory (MiB)
# config    of the image (hw_generic)
# virtio    properties of every virtio device; net, blk: of those
# nics, disks   how many (1 and 1)
# bridge    put the devices behind one of Machine.pm's bridges
# button    0: nobody tells it to switch off, the program is told over the network
# use       MiB that the program uses first
# iso       cd or disk: GRUB boots it
# says      what the kernel has to complain about
# program   machine, or bare, which needs no SSE
# accel     tcg, or kvm: that may be one that interprets instructions, and then
#           there is neither SSE nor a processor model's CPUID
# more      other arguments
package Machines;
use strict;
use warnings;
use Exporter 'import';

our @EXPORT = qw(@machines);

my @uefi = ('-drive',
    'if=pflash,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd');
my $microvm = 'microvm,acpi=on,pic=on,pit=on,rtc=on,pcie=off,isa-serial=on';
# As the launcher has it (core/tools/rumprun/qemu_command.c).
my $host = 'host,arch-capabilities=off';

our @machines = (
    {name => 'pc', quick => 1},
    {name => 'q35', machine => 'q35', quick => 1},
    {name => 'microvm', machine => $microvm, quick => 1},
    {name => 'microvm, legacy virtio-mmio', machine => $microvm, quick => 1,
        more => ['-global', 'virtio-mmio.force-legacy=true']},
    {name => 'microvm, image for MMIO only', machine => $microvm, config => 'hw_microvm'},
    {name => 'microvm, no ACPI: devices on the command line', quick => 1, button => 0,
        machine => 'microvm,acpi=off,pic=on,pit=on,rtc=on,isa-serial=on'},
    {name => 'microvm without PIC, PIT, RTC',
        machine => 'microvm,acpi=on,pic=off,pit=off,rtc=off,pcie=off,isa-serial=on',
        says => qr/there is no clock that knows the date/},
    {name => 'microvm, one I/O APIC', machine => "$microvm,ioapic2=off", nics => 2, disks => 2},
    {name => 'pc, no ACPI', machine => 'pc,acpi=off', button => 0},
    {name => 'pc, no HPET', machine => 'pc,hpet=off'},
    {name => 'pc, no APIC', cpu => 'max,-apic', quick => 1},
    {name => 'q35, no APIC', machine => 'q35', cpu => 'max,-apic'},

    # ---- processors ----
    (map { {name => "processor $_", cpu => $_} }
          qw(qemu64 core2duo Nehalem Westmere SandyBridge Haswell EPYC EPYC-Milan
          Opteron_G1 Conroe Skylake-Client max)),
    (map { {name => "processor without $_", cpu => join ',', 'max', map { "-$_" } split / /} }
          'rdrand rdseed', 'fsgsbase', 'x2apic', 'tsc-deadline', 'xsave', 'xsaveopt', 'pcid',
        'pdpe1gb', 'invtsc', 'arat', 'nx', 'rdtscp', 'pge', 'smep smap umip'),
    {name => 'processor without hypervisor', cpu => 'max,-hypervisor',
        says => qr/this processor's clock changes its speed/},
    {name => 'q35, processor without almost everything', machine => 'q35', quick => 1,
        cpu => 'qemu64,-nx,-x2apic,-rdrand,-xsave,-pdpe1gb,-fsgsbase,-arat'},
    {name => 'microvm, oldest processor', machine => $microvm, cpu => 'qemu64'},
    {name => 'four processors', more => ['-smp', 4]},
    {name => 'q35, sockets, cores, threads', machine => 'q35',
        more => ['-smp', '8,sockets=2,cores=2,threads=2']},

    # ---- virtio over PCI ----
    (map { my $m = $_; (
        {name => "$m, legacy virtio", machine => $m, virtio => 'disable-modern=on', quick => 1},
        {name => "$m, transitional virtio", machine => $m,
            virtio => 'disable-legacy=off,disable-modern=off'},
        {name => "$m, modern virtio", machine => $m, virtio => 'disable-legacy=on'},
        {name => "$m, INTx", machine => $m, virtio => 'vectors=0', nics => 4, disks => 4,
            quick => 1},
        {name => "$m, legacy virtio, INTx", machine => $m, nics => 3, disks => 3,
            virtio => 'disable-modern=on,vectors=0'},
        {name => "$m, two vectors for each", machine => $m, virtio => 'vectors=2'},
    ) } qw(pc q35)),
    {name => 'INTx by the 8259', cpu => 'max,-apic', virtio => 'vectors=0', nics => 4, disks => 4},
    {name => 'q35, INTx by the 8259', machine => 'q35', cpu => 'max,-apic',
        virtio => 'vectors=0', nics => 4, disks => 4},
    {name => 'no event index, no indirect descriptors',
        virtio => 'event_idx=off,indirect_desc=off'},
    {name => 'packed rings offered', virtio => 'packed=on'},
    {name => 'platform addresses', virtio => 'disable-legacy=on,iommu_platform=on'},
    {name => 'q35, IOMMU there, not used', machine => 'q35', more => ['-device', 'intel-iommu']},
    {name => 'plain network device', net =>
          'csum=off,gso=off,guest_csum=off,guest_tso4=off,guest_tso6=off,mrg_rxbuf=off,ctrl_vq=off'},
    {name => 'large queues', net => 'rx_queue_size=1024', blk => 'queue-size=1024'},
    {name => 'several queues', blk => 'num-queues=4', net => 'mq=on'},
    # Not 4 KiB: ISO 9660 has blocks of 2 KiB, on Linux, too.
    {name => 'disk of 2 KiB blocks', blk => 'logical_block_size=2048,physical_block_size=4096'},
    {name => 'option ROMs', net => 'romfile=efi-virtio.rom'},

    # ---- where devices are, and how many ----
    {name => 'q35, behind PCI Express root ports', machine => 'q35', nics => 2, disks => 2,
        bridge => 'pcie-root-port', quick => 1},
    {name => 'q35, behind root ports, INTx', machine => 'q35', nics => 2, disks => 2,
        bridge => 'pcie-root-port', virtio => 'vectors=0'},
    {name => 'pc, behind a bridge, INTx', nics => 3, disks => 3, bridge => 'pci-bridge',
        virtio => 'vectors=0', quick => 1},
    {name => 'pc, behind two bridges, INTx', nics => 3, disks => 3,
        bridge => 'two pci-bridges', virtio => 'vectors=0'},
    {name => 'q35, behind a PCIe-to-PCI bridge, INTx', machine => 'q35', nics => 3,
        disks => 3, bridge => 'pcie-pci-bridge', virtio => 'vectors=0', quick => 1},
    {name => 'q35, legacy devices behind two bridges, INTx', machine => 'q35', nics => 2,
        disks => 2, bridge => 'two pci-bridges', virtio => 'disable-modern=on,vectors=0'},
    {name => 'pc, 8 interfaces and 12 disks', nics => 8, disks => 12},
    {name => 'q35, 8 interfaces and 12 disks', machine => 'q35', nics => 8, disks => 12},
    {name => 'microvm, 8 interfaces and 12 disks', machine => $microvm, nics => 8, disks => 12},

    # ---- memory ----
    {name => 'pc, 8 MiB', memory => 8, quick => 1},
    {name => 'q35, 8 MiB', machine => 'q35', memory => 8},
    {name => 'microvm, 8 MiB', machine => $microvm, config => 'hw_microvm', memory => 8},
    {name => 'pc, 4 GiB', memory => 4096},
    {name => 'pc, 6 GiB, all of it used', memory => 6144, use => 5900},
    {name => 'q35, 6 GiB', machine => 'q35', memory => 6144, quick => 1},
    {name => 'q35, 6 GiB, all of it used, legacy virtio', machine => 'q35', memory => 6144,
        use => 5900, virtio => 'disable-modern=on'},
    {name => 'microvm, 6 GiB, all of it used', machine => $microvm, memory => 6144, use => 5900},
    {name => 'two memory nodes', memory => 256, more => ['-smp', 2,
            '-object', 'memory-backend-ram,id=m0,size=128M', '-numa', 'node,memdev=m0,cpus=0',
            '-object', 'memory-backend-ram,id=m1,size=128M', '-numa', 'node,memdev=m1,cpus=1']},

    # ---- KVM: its interrupt controllers, timers, clocks, event descriptors ----
    (map { {program => 'bare', accel => 'kvm', cpu => $host, %$_} }
        {name => 'KVM, pc', quick => 1},
        {name => 'KVM, q35, four processors', machine => 'q35', more => ['-smp', 4]},
        {name => 'KVM, q35, only APICs in KVM', machine => 'q35,kernel-irqchip=split',
            more => ['-smp', 2]},
        {name => 'KVM, microvm', machine => $microvm, more => ['-smp', 2], quick => 1},
        {name => 'KVM, microvm without PIC, PIT, RTC',
            machine => 'microvm,acpi=on,pic=off,pit=off,rtc=off,pcie=off,isa-serial=on'},
        {name => 'KVM, q35, a processor whose APIC id is 287', machine =>
              'q35,kernel-irqchip=split', more => ['-device', 'intel-iommu,intremap=on,eim=on',
                '-smp', '1,maxcpus=288,sockets=288,cores=1,threads=1',
                '-device', 'host-x86_64-cpu,socket-id=287,core-id=0,thread-id=0']},
        {name => 'KVM without x2APIC', cpu => "$host,-x2apic", more => ['-smp', 2]},
        {name => 'KVM without TSC deadline', cpu => "$host,-tsc-deadline", more => ['-smp', 2]},
        {name => 'KVM without its clock', cpu => "$host,-kvmclock", more => ['-smp', 2]},
        {name => 'KVM that hides', cpu => "$host,-kvm", more => ['-smp', 2]},
        {name => 'KVM, pc, legacy virtio, INTx', nics => 2, disks => 2,
            virtio => 'disable-modern=on,vectors=0'},
        {name => 'KVM, q35, behind root ports', machine => 'q35', nics => 2, disks => 2,
            bridge => 'pcie-root-port'}),

    # ---- GRUB ----
    {name => 'GRUB, BIOS, pc, CD', iso => 'cd'},
    {name => 'GRUB, BIOS, pc, disk, 6 GiB', iso => 'disk', memory => 6144},
    {name => 'GRUB, BIOS, q35, CD', iso => 'cd', machine => 'q35', quick => 1},
    {name => 'GRUB, BIOS, q35, legacy virtio, INTx', iso => 'cd', machine => 'q35',
        virtio => 'disable-modern=on,vectors=0'},
    # These have no PVH yet, and a processor "max" without long mode.
    {name => 'GRUB, pc of 2014', iso => 'cd', machine => 'pc-i440fx-2.0', cpu => 'Nehalem'},
    {name => 'GRUB, q35 of 2015', iso => 'cd', machine => 'pc-q35-2.4', cpu => 'Nehalem'},
    {name => 'GRUB, UEFI, pc, CD', iso => 'cd', memory => 256, more => \@uefi},
    {name => 'GRUB, UEFI, q35, CD', iso => 'cd', machine => 'q35', memory => 256,
        more => \@uefi},
    {name => 'GRUB, UEFI, q35, disk, 6 GiB', iso => 'disk', machine => 'q35',
        memory => 6144, more => \@uefi},
    {name => 'GRUB, UEFI, q35, behind root ports, INTx', iso => 'cd', machine => 'q35',
        memory => 256, bridge => 'pcie-root-port', virtio => 'vectors=0', more => \@uefi},
);

1;
