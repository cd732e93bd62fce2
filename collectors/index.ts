/** Every collector and prober that comes with vitald, in alphabetical order. */
import type { Registry } from '../src/config/config.ts';
import { arp } from './host/arp.ts';
import { bcache } from './host/bcache.ts';
import { bcachefs } from './host/bcachefs.ts';
import { bonding } from './host/bonding.ts';
import { btrfs } from './host/btrfs.ts';
import { buddyinfo } from './host/buddyinfo.ts';
import { cgroup } from './host/cgroup.ts';
import { cgroups } from './host/cgroups.ts';
import { conntrack } from './host/conntrack.ts';
import { cpuVulnerabilities } from './host/cpu-vulnerabilities.ts';
import { cpu } from './host/cpu.ts';
import { cpufreq } from './host/cpufreq.ts';
import { diskstats } from './host/diskstats.ts';
import { dmi } from './host/dmi.ts';
import { dmmultipath } from './host/dmmultipath.ts';
import { drbd } from './host/drbd.ts';
import { drm } from './host/drm.ts';
import { edac } from './host/edac.ts';
import { entropy } from './host/entropy.ts';
import { ethtool } from './host/ethtool.ts';
import { exec } from './host/exec.ts';
import { fibrechannel } from './host/fibrechannel.ts';
import { filefd } from './host/filefd.ts';
import { filesystem } from './host/filesystem.ts';
import { hwmon } from './host/hwmon.ts';
import { infiniband } from './host/infiniband.ts';
import { interrupts } from './host/interrupts.ts';
import { inventory } from './host/inventory.ts';
import { ipvs } from './host/ipvs.ts';
import { kernelHung } from './host/kernel-hung.ts';
import { ksmd } from './host/ksmd.ts';
import { lnstat } from './host/lnstat.ts';
import { loadavg } from './host/loadavg.ts';
import { logind } from './host/logind.ts';
import { mdadm } from './host/mdadm.ts';
import { meminfoNuma } from './host/meminfo-numa.ts';
import { meminfo } from './host/meminfo.ts';
import { mountstats } from './host/mountstats.ts';
import { netclass } from './host/netclass.ts';
import { netdev } from './host/netdev.ts';
import { netstat } from './host/netstat.ts';
import { networkRoute } from './host/network-route.ts';
import { nfs } from './host/nfs.ts';
import { nfsd } from './host/nfsd.ts';
import { nvme } from './host/nvme.ts';
import { nvmesubsystem } from './host/nvmesubsystem.ts';
import { os } from './host/os.ts';
import { pcidevice } from './host/pcidevice.ts';
import { powersupplyclass } from './host/powersupplyclass.ts';
import { pressure } from './host/pressure.ts';
import { processGroups } from './host/process.ts';
import { processes } from './host/processes.ts';
import { qdisc } from './host/qdisc.ts';
import { rapl } from './host/rapl.ts';
import { schedstat } from './host/schedstat.ts';
import { selinux } from './host/selinux.ts';
import { slabinfo } from './host/slabinfo.ts';
import { sockstat } from './host/sockstat.ts';
import { softirqs } from './host/softirqs.ts';
import { softnet } from './host/softnet.ts';
import { stat } from './host/stat.ts';
import { swap } from './host/swap.ts';
import { sysctl } from './host/sysctl.ts';
import { systemd } from './host/systemd.ts';
import { tapestats } from './host/tapestats.ts';
import { tcpstat } from './host/tcpstat.ts';
import { textfile } from './host/textfile.ts';
import { thermalZone } from './host/thermal-zone.ts';
import { time } from './host/time.ts';
import { timex } from './host/timex.ts';
import { udpQueues } from './host/udp-queues.ts';
import { uname } from './host/uname.ts';
import { vmstat } from './host/vmstat.ts';
import { watchdog } from './host/watchdog.ts';
import { wifi } from './host/wifi.ts';
import { xfrm } from './host/xfrm.ts';
import { xfs } from './host/xfs.ts';
import { zfs } from './host/zfs.ts';
import { zoneinfo } from './host/zoneinfo.ts';
import { cpu as portableCpu } from './portable/cpu.ts';
import { diskstats as portableDiskstats } from './portable/diskstats.ts';
import { filesystem as portableFilesystem } from './portable/filesystem.ts';
import { meminfo as portableMeminfo } from './portable/meminfo.ts';
import { netdev as portableNetdev } from './portable/netdev.ts';
import { dns as dnsProber } from './probe/dns.ts';
import { grpc as grpcProber } from './probe/grpc.ts';
import { http as httpProber } from './probe/http.ts';
import { icmp as icmpProber } from './probe/icmp.ts';
import { tcp as tcpProber } from './probe/tcp.ts';
import { unix as unixProber } from './probe/unix.ts';
import { websocket as websocketProber } from './probe/websocket.ts';

/** What this program can collect and probe by itself. */
export const builtIn: Registry = {
  collectors: [
    arp,
    bcache,
    bcachefs,
    bonding,
    btrfs,
    buddyinfo,
    cgroup,
    cgroups,
    conntrack,
    cpu,
    cpufreq,
    cpuVulnerabilities,
    diskstats,
    dmi,
    dmmultipath,
    drbd,
    drm,
    edac,
    entropy,
    ethtool,
    exec,
    fibrechannel,
    filefd,
    filesystem,
    hwmon,
    infiniband,
    interrupts,
    inventory,
    ipvs,
    kernelHung,
    ksmd,
    lnstat,
    loadavg,
    logind,
    mdadm,
    meminfo,
    meminfoNuma,
    mountstats,
    netclass,
    netdev,
    netstat,
    networkRoute,
    nfs,
    nfsd,
    nvme,
    nvmesubsystem,
    os,
    pcidevice,
    powersupplyclass,
    pressure,
    processGroups,
    processes,
    qdisc,
    rapl,
    schedstat,
    selinux,
    slabinfo,
    sockstat,
    softirqs,
    softnet,
    stat,
    swap,
    sysctl,
    systemd,
    tapestats,
    tcpstat,
    textfile,
    thermalZone,
    time,
    timex,
    udpQueues,
    uname,
    vmstat,
    watchdog,
    wifi,
    xfrm,
    xfs,
    zfs,
    zoneinfo,
  ],
  portable: [portableCpu, portableDiskstats, portableFilesystem, portableMeminfo, portableNetdev],
  probers: [dnsProber, grpcProber, httpProber, icmpProber, tcpProber, unixProber, websocketProber],
};
