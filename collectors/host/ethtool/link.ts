/**
 * The link modes of a network device, of what `ethtool DEVICE` writes for people to read.
 */
import { gauge, type Sample } from '../../../src/collector.ts';
import { unsigned } from '../../../src/system/numbers.ts';

const speedLabels = ['device', 'duplex', 'mode'] as const;

const port = gauge('node_network_supported_port_info', 'Type of ports or PHYs supported by network device', [
  'device',
  'type',
]);
const autonegotiate = gauge('node_network_autonegotiate', 'If this port is using autonegotiate', ['device']);
const supported = {
  speed: gauge(
    'node_network_supported_speed_bytes',
    'Combination of speeds and features supported by network device',
    speedLabels,
  ),
  autonegotiate: gauge('node_network_autonegotiate_supported', 'If this port device supports autonegotiate', [
    'device',
  ]),
  pause: gauge('node_network_pause_supported', 'If this port device supports pause frames', ['device']),
  asymmetricPause: gauge(
    'node_network_asymmetricpause_supported',
    'If this port device supports asymmetric pause frames',
    ['device'],
  ),
};
const advertised = {
  speed: gauge(
    'node_network_advertised_speed_bytes',
    'Combination of speeds and features offered by network device',
    speedLabels,
  ),
  autonegotiate: gauge('node_network_autonegotiate_advertised', 'If this port device offers autonegotiate', ['device']),
  pause: gauge('node_network_pause_advertised', 'If this port device offers pause capability', ['device']),
  asymmetricPause: gauge(
    'node_network_asymmetricpause_advertised',
    'If this port device offers asymmetric pause capability',
    ['device'],
  ),
};

/** Every family of this file. */
export const linkFamilies = [port, autonegotiate, ...Object.values(supported), ...Object.values(advertised)];

// How ethtool words the two bits of flow control.
const pauseOf = new Map([
  ['No', { pause: 0, asymmetric: 0 }],
  ['Symmetric', { pause: 1, asymmetric: 0 }],
  ['Symmetric Receive-only', { pause: 1, asymmetric: 1 }],
  ['Transmit-only', { pause: 0, asymmetric: 1 }],
]);

/** The samples of what `ethtool DEVICE` writes; none where the driver has no link modes. */
export function linkSamples(device: string, text: string): Sample[] {
  const facts = parseFacts(text);
  const samples: Sample[] = [];
  const yes = (name: string, expected: string): number | undefined => {
    const value = facts.get(name);
    return value === undefined ? undefined : Number(value === expected);
  };
  const add = (family: typeof autonegotiate, value: number | undefined): void => {
    if (value !== undefined) samples.push(family.sample(value, { device }));
  };
  for (const [families, adjective, verb] of [
    [supported, 'Supported', 'Supports'],
    [advertised, 'Advertised', 'Advertised'],
  ] as const) {
    for (const mode of (facts.get(`${adjective} link modes`) ?? '').split(' ')) {
      const [, megabits, phy, duplex = 'Full'] = /^(\d+)base(\w+)(?:\/(Full|Half))?$/.exec(mode) ?? [];
      const speed = unsigned(megabits);
      if (speed === undefined || phy === undefined) continue;
      const labels = { device, duplex: duplex.toLowerCase(), mode: `${megabits}base${phy}` };
      samples.push(families.speed.sample(speed * (1_000_000 / 8), labels));
    }
    const flow = pauseOf.get(facts.get(`${adjective} pause frame use`) ?? '');
    add(families.autonegotiate, yes(`${verb} auto-negotiation`, 'Yes'));
    add(families.pause, flow?.pause);
    add(families.asymmetricPause, flow?.asymmetric);
  }
  const ports = /^\[ *(.*?) *\]$/.exec(facts.get('Supported ports') ?? '')?.[1] ?? '';
  for (const type of ports.split(/\s+/)) if (type !== '') samples.push(port.sample(1, { device, type }));
  add(autonegotiate, yes('Auto-negotiation', 'on'));
  return samples;
}

/** The facts by name; a value that goes on in the next line is one text, with single blanks. */
function parseFacts(text: string): Map<string, string> {
  const facts = new Map<string, string>();
  let last = '';
  for (const line of text.split('\n').slice(1)) {
    const [, name, value = ''] = /^\s*([^:]+):\s*(.*)$/.exec(line) ?? [];
    if (name !== undefined) {
      last = name;
      facts.set(name, value.trim());
    } else if (line.trim() !== '' && facts.has(last)) {
      facts.set(last, `${facts.get(last)} ${line.trim()}`);
    }
  }
  return new Map(Array.from(facts, ([name, value]) => [name, value.replaceAll(/\s+/g, ' ')]));
}
