/**
 * Packets that IPsec dropped, by reason.
 *
 * Source  /proc/net/xfrm_stat (Documentation/networking/xfrm_proc.rst): a name and a count a line. It is there only with
 *         CONFIG_XFRM_STATISTICS.
 * Units   packets.
 */
import { counter, defineCollector } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { lines, unsigned, words } from '../../src/system/numbers.ts';

const reason = (name: string, help: string) => ({
  name,
  family: counter(
    `node_xfrm_${name
      .replace(/^Xfrm/, '')
      .replaceAll(/(?<!^)[A-Z]/g, (letter) => `_${letter}`)
      .toLowerCase()}_packets_total`,
    help,
  ),
});

const reasons = [
  reason('XfrmInError', 'All errors not matched by other'),
  reason('XfrmInBufferError', 'No buffer is left'),
  reason('XfrmInHdrError', 'Header error'),
  reason('XfrmInNoStates', 'No state is found i.e. Either inbound SPI, address, or IPsec protocol at SA is wrong'),
  reason('XfrmInStateProtoError', 'Transformation protocol specific error e.g. SA key is wrong'),
  reason('XfrmInStateModeError', 'Transformation mode specific error'),
  reason('XfrmInStateSeqError', 'Sequence error i.e. Sequence number is out of window'),
  reason('XfrmInStateExpired', 'State is expired'),
  reason('XfrmInStateMismatch', 'State has mismatch option e.g. UDP encapsulation type is mismatch'),
  reason('XfrmInStateInvalid', 'State is invalid'),
  reason('XfrmInStateDirError', 'State is of the other direction'),
  reason('XfrmInTmplMismatch', 'No matching template for states e.g. Inbound SAs are correct but SP rule is wrong'),
  reason('XfrmInNoPols', 'No policy is found for states e.g. Inbound SAs are correct but no SP is found'),
  reason('XfrmInPolBlock', 'Policy discards'),
  reason('XfrmInPolError', 'Policy error'),
  reason('XfrmInIptfsError', 'Error of IP-TFS processing'),
  reason('XfrmOutError', 'All errors which is not matched others'),
  reason('XfrmOutBundleGenError', 'Bundle generation error'),
  reason('XfrmOutBundleCheckError', 'Bundle check error'),
  reason('XfrmOutNoStates', 'No state is found'),
  reason('XfrmOutStateProtoError', 'Transformation protocol specific error'),
  reason('XfrmOutStateModeError', 'Transformation mode specific error'),
  reason('XfrmOutStateSeqError', 'Sequence error i.e. Sequence number overflow'),
  reason('XfrmOutStateExpired', 'State is expired'),
  reason('XfrmOutStateInvalid', 'State is invalid, perhaps expired'),
  reason('XfrmOutStateDirError', 'State is of the other direction'),
  reason('XfrmOutPolBlock', 'Policy discards'),
  reason('XfrmOutPolDead', 'Policy is dead'),
  reason('XfrmOutPolError', 'Policy error'),
  reason('XfrmOutNoQueueSpace', 'No space is left in the queue'),
  reason('XfrmFwdHdrError', 'Forward routing of a packet is not allowed'),
  reason('XfrmAcquireError', 'State hasn’t been fully acquired before use'),
];

export const xfrm = defineCollector({
  name: 'xfrm',
  summary: 'Packets that IPsec dropped, by reason.',
  source: '/proc/net/xfrm_stat',
  differences: [
    'Reports four reasons that newer kernels count; one that an older kernel does not count is left out, where node_exporter reports 0.',
  ],
  enabled: false,
  families: reasons.map(({ family }) => family),
  config: z.strictObject({}),
  create(_config, { system }) {
    return {
      collect() {
        const counts = parseXfrm(system.proc.text('net/xfrm_stat'));
        return reasons.flatMap(({ name, family }) => {
          const count = counts.get(name);
          return count === undefined ? [] : [family.sample(count)];
        });
      },
    };
  },
});

/** The counts by their names; a line that is no count is left out. */
export function parseXfrm(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines(text)) {
    const [name = '', value] = words(line);
    const count = unsigned(value);
    if (count !== undefined) counts.set(name, count);
  }
  return counts;
}
