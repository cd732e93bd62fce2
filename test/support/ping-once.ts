/**
 * A process of its own that pings an address over the kind of socket that this host gives it, and prints what came of it.
 */
import { icmp } from '../../collectors/probe/icmp.ts';
import { openIcmpSocket } from '../../collectors/probe/icmp-socket.ts';
import { systemClock } from '../../src/clock.ts';
import { InstrumentSet } from '../../src/instrument-set.ts';
import { silentLogger } from '../../src/log.ts';

const [target = ''] = process.argv.slice(2);
const socket = await openIcmpSocket({
  family: target.includes(':') ? 6 : 4,
  ttl: 64,
  dontFragment: false,
  source: undefined,
});
const kind = typeof socket === 'string' ? socket : socket.raw ? 'raw' : 'datagram';
if (typeof socket !== 'string') socket.close();
const prober = icmp.create(icmp.config.parse({ ttl: 37 }), {
  clock: systemClock,
  log: silentLogger,
  instruments: new InstrumentSet(() => undefined),
});
const { success, samples } = await prober.probe({ target, signal: AbortSignal.timeout(5000), timeoutMs: 5000 });
const hopLimit = samples.find(({ family }) => family.name === 'probe_icmp_reply_hop_limit')?.value;
process.stdout.write(`${JSON.stringify({ kind, success, hopLimit })}\n`);
