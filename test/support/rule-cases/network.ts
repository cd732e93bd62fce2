/** Cases for `network.rules.yml`. */
import { growing, type RuleCase, type Series, steady } from './rule-case.ts';

const device = { device: 'eth0' };

function traffic(kind: 'errs' | 'drop', bad: number, packets: number): Series {
  return {
    [`node_network_receive_${kind}_total{device="eth0"}`]: growing(bad),
    [`node_network_transmit_${kind}_total{device="eth0"}`]: growing(0),
    'node_network_receive_packets_total{device="eth0"}': growing(packets),
    'node_network_transmit_packets_total{device="eth0"}': growing(0),
  };
}

function bytes(received: number, sent: number): Series {
  return {
    'node_network_receive_bytes_total{device="eth0"}': growing(received),
    'node_network_transmit_bytes_total{device="eth0"}': growing(sent),
    'node_network_speed_bytes{device="eth0"}': steady(100),
  };
}

export const networkCases: readonly RuleCase[] = [
  {
    alert: 'NetworkErrors',
    fires: traffic('errs', 6, 600),
    quiet: [
      traffic('errs', 0.3, 600),
      // One of hardly any.
      traffic('errs', 6, 30),
    ],
    labels: device,
    summary: 'web-1:9100: 1% of the packets of eth0 are broken',
  },
  {
    alert: 'NetworkDrops',
    fires: traffic('drop', 600, 12_000),
    quiet: [traffic('drop', 60, 12_000)],
    labels: device,
    summary: 'web-1:9100: 5% of the packets of eth0 are dropped',
  },
  {
    alert: 'NetworkSaturated',
    fires: bytes(5700, 0),
    // The two directions do not share the speed.
    quiet: [bytes(4800, 4800)],
    labels: device,
    summary: 'web-1:9100: eth0 is 95% used in one direction',
  },
  {
    alert: 'NetworkSaturated',
    fires: bytes(60, 5700),
    quiet: [bytes(60, 4800)],
    labels: device,
    summary: 'web-1:9100: eth0 is 95% used in one direction',
  },
  {
    alert: 'NetworkLinkLost',
    fires: { 'node_network_carrier{device="eth0"}': '1x10 0x60' },
    // Never plugged in.
    quiet: [{ 'node_network_carrier{device="eth0"}': steady(0) }],
    labels: device,
    summary: 'web-1:9100: eth0 has lost its link',
  },
  {
    alert: 'NetworkLinkFlapping',
    fires: { 'node_network_carrier_changes_total{device="eth0"}': growing(1) },
    quiet: [{ 'node_network_carrier_changes_total{device="eth0"}': '0x35 2x60' }],
    labels: device,
    summary: 'web-1:9100: the link of eth0 came and went 15 times in 15 minutes',
  },
  {
    alert: 'BondDegraded',
    fires: { 'node_bonding_slaves{master="bond0"}': steady(2), 'node_bonding_active{master="bond0"}': steady(1) },
    quiet: [{ 'node_bonding_slaves{master="bond0"}': steady(2), 'node_bonding_active{master="bond0"}': steady(2) }],
    labels: { master: 'bond0' },
    summary: 'web-1:9100: the bond bond0 lacks 1 links',
  },
  {
    alert: 'ConntrackNearLimit',
    fires: { node_nf_conntrack_entries: steady(90), node_nf_conntrack_entries_limit: steady(100) },
    quiet: [{ node_nf_conntrack_entries: steady(70), node_nf_conntrack_entries_limit: steady(100) }],
    summary: 'web-1:9100: the table of tracked connections is 90% full',
  },
  {
    alert: 'ConntrackDrops',
    fires: { node_nf_conntrack_stat_drop: '0x35 3x60', node_nf_conntrack_stat_early_drop: steady(0) },
    quiet: [{ node_nf_conntrack_stat_drop: steady(3), node_nf_conntrack_stat_early_drop: steady(7) }],
    summary: 'web-1:9100: packets are dropped because no more connections can be tracked',
  },
  {
    alert: 'TcpListenOverflow',
    fires: { node_netstat_TcpExt_ListenOverflows: growing(5) },
    quiet: [{ node_netstat_TcpExt_ListenOverflows: growing(0.5) }],
    summary: 'web-1:9100: 50 connections were refused because a server did not accept them',
  },
  {
    alert: 'TcpRetransmits',
    fires: { node_netstat_Tcp_RetransSegs: growing(1200), node_netstat_Tcp_OutSegs: growing(12_000) },
    quiet: [
      { node_netstat_Tcp_RetransSegs: growing(120), node_netstat_Tcp_OutSegs: growing(12_000) },
      { node_netstat_Tcp_RetransSegs: growing(1200), node_netstat_Tcp_OutSegs: growing(2400) },
    ],
    summary: 'web-1:9100 sends 10% of its TCP segments again',
  },
  {
    alert: 'SoftnetDrops',
    fires: { 'node_softnet_dropped_total{cpu="0"}': growing(10), 'node_softnet_dropped_total{cpu="1"}': growing(10) },
    quiet: [{ 'node_softnet_dropped_total{cpu="0"}': growing(1), 'node_softnet_dropped_total{cpu="1"}': growing(1) }],
    summary: 'web-1:9100: the kernel dropped 200 packets because CPUs were behind',
  },
];
