/** Rows of the host's dashboard: processor and memory. */
import type { Row } from './dashboard.ts';
import { at, graph, noneIsGood, rate } from './words.ts';

/** What the CPUs do. */
export const processor: Row = {
  title: 'Processor',
  panels: [
    graph(
      'CPU by mode',
      'What the CPUs do; 100 % is all of them. iowait is idle time in which a disk was waited for.',
      'percentunit',
      [['{{mode}}', `avg by (mode) (${rate('node_cpu_seconds_total', 'mode!="idle"')})`]],
      { stacked: true, min: 0, max: 1 },
    ),
    graph(
      'Load',
      'Tasks that run, wait for a CPU or wait for a disk. Above the number of CPUs, some wait.',
      'short',
      [
        ['1 minute', at('node_load1')],
        ['5 minutes', at('node_load5')],
        ['15 minutes', at('node_load15')],
        ['CPUs', `count(${at('node_cpu_seconds_total', 'mode="idle"')})`],
      ],
      { min: 0 },
    ),
    graph(
      'Busy by CPU',
      'One full CPU may hold up a program although the others are idle.',
      'percentunit',
      [['CPU {{cpu}}', `1 - sum by (cpu) (${rate('node_cpu_seconds_total', 'mode=~"idle|iowait"')})`]],
      { min: 0, max: 1 },
    ),
    graph(
      'Context switches, interrupts and forks',
      'How often the kernel had to change what it does.',
      'ops',
      [
        ['context switches', rate('node_context_switches_total')],
        ['interrupts', rate('node_intr_total')],
        ['forks', rate('node_forks_total')],
      ],
      { min: 0 },
    ),
    graph('Frequency', 'The frequency of each CPU, where the kernel sets it.', 'hertz', [
      ['CPU {{cpu}}', at('node_cpu_scaling_frequency_hertz')],
    ]),
    graph(
      'Processes',
      'Processes that run now, and that wait for a disk or a network mount.',
      'short',
      [
        ['running', at('node_procs_running')],
        ['blocked', at('node_procs_blocked')],
      ],
      { min: 0 },
    ),
  ],
};

/** Memory, swap and pressure. */
export const memory: Row = {
  title: 'Memory',
  panels: [
    graph(
      'Memory',
      'What the memory holds. Cache and buffers are given up when programs need room.',
      'bytes',
      [
        [
          'programs and kernel',
          `${at('node_memory_MemTotal_bytes')} - ${at('node_memory_MemFree_bytes')} - ${at('node_memory_Buffers_bytes')} - ${at('node_memory_Cached_bytes')}`,
        ],
        ['buffers', at('node_memory_Buffers_bytes')],
        ['cache', at('node_memory_Cached_bytes')],
        ['free', at('node_memory_MemFree_bytes')],
      ],
      { stacked: true, min: 0 },
    ),
    graph(
      'Swap',
      'Swap in use, and pages that move in and out: movement hurts, use alone does not.',
      'bytes',
      [
        ['used', `${at('node_memory_SwapTotal_bytes')} - ${at('node_memory_SwapFree_bytes')}`],
        ['total', at('node_memory_SwapTotal_bytes')],
      ],
      { min: 0 },
    ),
    graph(
      'Paging',
      'Pages read from and written to swap, and page faults that needed a disk.',
      'ops',
      [
        ['in', rate('node_vmstat_pswpin')],
        ['out', rate('node_vmstat_pswpout')],
        ['major faults', rate('node_vmstat_pgmajfault')],
      ],
      { min: 0 },
    ),
    graph(
      'Out-of-memory kills',
      'Processes that the kernel killed for want of memory.',
      'none',
      [['kills', `increase(${at('node_vmstat_oom_kill')}[$__rate_interval])`]],
      { min: 0, thresholds: noneIsGood },
    ),
    graph(
      'Pressure',
      'Share of time in which some tasks waited for a resource, or all did. The most direct sign that something is short.',
      'percentunit',
      [
        ['CPU, some', rate('node_pressure_cpu_waiting_seconds_total')],
        ['memory, some', rate('node_pressure_memory_waiting_seconds_total')],
        ['memory, all', rate('node_pressure_memory_stalled_seconds_total')],
        ['disk, some', rate('node_pressure_io_waiting_seconds_total')],
        ['disk, all', rate('node_pressure_io_stalled_seconds_total')],
      ],
      { min: 0, width: 24 },
    ),
  ],
};
