/** A collector with a secret, for the tests of isolation: whether anybody could see it is a part of what it gives. */
import { readFileSync } from 'node:fs';
import { defineCollector, gauge, pattern, secret, z } from 'vitald';

const matches = gauge('secretive_matches', 'Whether its pattern matches.');
const length = gauge('secretive_password_length', 'The length of its password.');
const seen = gauge('secretive_seen', 'Whether its password is among its arguments or in its environment.');

export const secretive = defineCollector({
  name: 'secretive',
  summary: 'Has a secret.',
  source: 'nothing',
  enabled: false,
  families: [matches, length, seen],
  config: z.strictObject({ password: secret(), pattern: pattern() }),
  create(config, { log, instruments }) {
    const runs = instruments.counter('secretive_runs_total', 'Its runs.');
    let turn = 0;
    return {
      collect() {
        turn += 1;
        runs.add(1);
        log.warn({ turn, password: config.password }, 'it ran');
        const password = config.password.reveal();
        const open = ['cmdline', 'environ'].some((name) =>
          readFileSync(`/proc/self/${name}`, 'utf8').includes(password),
        );
        return [
          matches.sample(config.pattern.test('aaa') ? 1 : 0),
          length.sample(password.length),
          seen.sample(open ? 1 : 0),
        ];
      },
    };
  },
});
