/**
 * Frames, words and errors of each Fibre Channel port.
 *
 * Source  /sys/class/fc_host/HOST/* and its folder statistics (drivers/scsi/scsi_transport_fc.c), hexadecimal.
 * Labels  fc_host; the info family has the properties of the port.
 * Quirks  All ones is how a driver says that it does not count something. A driver may lack any property.
 */
import { counter, defineCollector, gauge, NoDataError, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { hexadecimal, unsigned } from '../../src/system/numbers.ts';

const info = gauge('node_fibrechannel_info', 'Non-numeric data from /sys/class/fc_host/<host>, value is always 1.', [
  'fc_host',
  'speed',
  'port_state',
  'port_type',
  'port_id',
  'port_name',
  'fabric_name',
  'symbolic_name',
  'supported_classes',
  'supported_speeds',
  'dev_loss_tmo',
]);

const statistic = (file: string, name: string, help: string) => ({
  file,
  family: counter(`node_fibrechannel_${name}_total`, help, ['fc_host']),
});

const statistics = [
  statistic('dumped_frames', 'dumped_frames', 'Number of dumped frames'),
  statistic('error_frames', 'error_frames', 'Number of errors in frames'),
  statistic('invalid_crc_count', 'invalid_crc', 'Invalid Cyclic Redundancy Check count'),
  statistic('rx_frames', 'rx_frames', 'Number of frames received'),
  statistic('rx_words', 'rx_words', 'Number of words received by host port'),
  statistic('tx_frames', 'tx_frames', 'Number of frames transmitted by host port'),
  statistic('tx_words', 'tx_words', 'Number of words transmitted by host port'),
  statistic('seconds_since_last_reset', 'seconds_since_last_reset', 'Number of seconds since last host port reset'),
  statistic('invalid_tx_word_count', 'invalid_tx_words', 'Number of invalid words transmitted by host port'),
  statistic('link_failure_count', 'link_failure', 'Number of times the host port link has failed'),
  statistic('loss_of_sync_count', 'loss_of_sync', 'Number of failures on either bit or transmission word boundaries'),
  statistic('loss_of_signal_count', 'loss_of_signal', 'Number of times signal has been lost'),
  statistic('nos_count', 'nos', 'Number Not_Operational Primitive Sequence received by host port'),
  statistic('fcp_packet_aborts', 'fcp_packet_aborts', 'Number of aborted packets'),
];

export const fibrechannel = defineCollector({
  name: 'fibrechannel',
  summary: 'Frames, words and errors of each Fibre Channel port.',
  source: '/sys/class/fc_host',
  differences: ['A statistic that the driver lacks is left out, where node_exporter reports 0.'],
  enabled: true,
  schedule: '15s',
  families: [info, ...statistics.map(({ family }) => family)],
  config: z.strictObject({}),
  create(_config, { system }) {
    const { sys } = system;
    return {
      collect() {
        const hosts = sys.listIfPresent('class/fc_host');
        if (hosts === undefined) throw new NoDataError('this host has no /sys/class/fc_host');
        return hosts.flatMap((host): Sample[] => {
          const text = (file: string): string => sys.attribute(`class/fc_host/${host}/${file}`) ?? '';
          const identifier = (file: string): string => text(file).replace(/^0x(?=.)/, '');
          const samples: Sample[] = [
            info.sample(1, {
              fc_host: host,
              speed: text('speed'),
              port_state: text('port_state'),
              port_type: text('port_type'),
              port_id: identifier('port_id'),
              port_name: identifier('port_name'),
              fabric_name: identifier('fabric_name'),
              symbolic_name: text('symbolic_name'),
              supported_classes: text('supported_classes'),
              supported_speeds: text('supported_speeds'),
              dev_loss_tmo: text('dev_loss_tmo'),
            }),
          ];
          for (const { file, family } of statistics) {
            const value = parseStatistic(sys.attribute(`class/fc_host/${host}/statistics/${file}`));
            if (value !== undefined) samples.push(family.sample(value, { fc_host: host }));
          }
          return samples;
        });
      },
    };
  },
});

/** A statistic, hexadecimal where it starts with `0x`; undefined where the driver does not count it. */
export function parseStatistic(text: string | undefined): number | undefined {
  if (text === undefined || /^0xf{16}$/i.test(text) || text === '18446744073709551615') return undefined;
  return text.startsWith('0x') ? hexadecimal(text) : unsigned(text);
}
