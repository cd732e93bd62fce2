/** Rows of the host's dashboard: network, system and hardware. */
import type { Row } from './dashboard.ts';
import { at, graph, noneIsGood, rate } from './words.ts';

const nic = 'device=~"$nic"';

const perNic = (legend: string, family: string): readonly [string, string] => [
  `{{device}} ${legend}`,
  rate(family, nic),
];

/** Devices, TCP and tracked connections. */
export const network: Row = {
  title: 'Network',
  panels: [
    graph(
      'Traffic',
      'Bytes received, and sent below the axis.',
      'Bps',
      [perNic('received', 'node_network_receive_bytes_total'), perNic('sent', 'node_network_transmit_bytes_total')],
      { below: /sent$/ },
    ),
    graph(
      'Packets',
      'Packets received, and sent below the axis.',
      'pps',
      [perNic('received', 'node_network_receive_packets_total'), perNic('sent', 'node_network_transmit_packets_total')],
      { below: /sent$/ },
    ),
    graph(
      'Errors and drops',
      'Broken packets mean cable or optics; dropped ones mean that the host did not keep up.',
      'pps',
      [
        perNic('receive errors', 'node_network_receive_errs_total'),
        perNic('transmit errors', 'node_network_transmit_errs_total'),
        perNic('receive drops', 'node_network_receive_drop_total'),
        perNic('transmit drops', 'node_network_transmit_drop_total'),
      ],
      { min: 0 },
    ),
    graph(
      'TCP',
      'Segments that were sent again, and connections that no server accepted in time.',
      'cps',
      [
        ['retransmitted segments', rate('node_netstat_Tcp_RetransSegs')],
        ['overflows of listen queues', rate('node_netstat_TcpExt_ListenOverflows')],
      ],
      { min: 0 },
    ),
    graph(
      'Sockets',
      'Sockets by kind.',
      'short',
      [
        ['in use', at('node_sockstat_sockets_used')],
        ['TCP', at('node_sockstat_TCP_inuse')],
        ['TCP in TIME_WAIT', at('node_sockstat_TCP_tw')],
        ['UDP', at('node_sockstat_UDP_inuse')],
      ],
      { min: 0 },
    ),
    graph(
      'Tracked connections',
      'When the table is full, new connections fail.',
      'short',
      [
        ['tracked', at('node_nf_conntrack_entries')],
        ['limit', at('node_nf_conntrack_entries_limit')],
      ],
      { min: 0 },
    ),
  ],
};

/** Limits of the kernel, the clock, services. */
export const system: Row = {
  title: 'System',
  panels: [
    graph(
      'Open files',
      'File descriptors of the whole host, and their limit.',
      'short',
      [['open', at('node_filefd_allocated')]],
      { min: 0 },
    ),
    graph(
      'Processes and threads',
      'How many there are.',
      'short',
      [
        ['processes', at('node_processes_pids')],
        ['threads', at('node_processes_threads')],
      ],
      { min: 0 },
    ),
    graph('Clock', 'How far the clock is off, and how far it may be at most.', 's', [
      ['offset', at('node_timex_offset_seconds')],
      ['possible error', at('node_timex_maxerror_seconds')],
    ]),
    graph(
      'systemd units',
      'Units by state; needs the collector systemd.',
      'short',
      [['{{state}}', at('node_systemd_units', 'state!="inactive"')]],
      { min: 0 },
    ),
  ],
};

/** Sensors. */
export const hardware: Row = {
  title: 'Hardware',
  folded: true,
  panels: [
    graph('Temperatures', 'What the sensors say.', 'celsius', [
      ['{{chip}} {{sensor}}', at('node_hwmon_temp_celsius')],
      ['{{type}} {{zone}}', at('node_thermal_zone_temp')],
    ]),
    graph(
      'Fans',
      'A fan below its minimum is about to fail.',
      'rotrpm',
      [['{{chip}} {{sensor}}', at('node_hwmon_fan_rpm')]],
      { min: 0 },
    ),
    graph(
      'Power',
      'What the processor packages and the memory use, by their own count; 1 W is 1 J a second.',
      'short',
      [['{{rapl_zone}} W', rate('node_rapl_joules_total')]],
      { min: 0 },
    ),
    graph(
      'Memory errors',
      'Errors that ECC corrected, and those it could not.',
      'short',
      [
        ['{{controller}} corrected', `increase(${at('node_edac_correctable_errors_total')}[$__rate_interval])`],
        ['{{controller}} uncorrected', `increase(${at('node_edac_uncorrectable_errors_total')}[$__rate_interval])`],
      ],
      { min: 0, thresholds: noneIsGood },
    ),
  ],
};
