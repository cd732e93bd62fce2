import { expect, test } from 'vitest';
import { watchdog } from '../../../collectors/host/watchdog.ts';
import { expose, failing, systemOf, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

const server = sceneFolder('rich-server', ['watchdog']);

test('reports what each watchdog offers', async () => {
  expect(await expose(watchdog, server)).toBe(text`
    # HELP node_watchdog_access_cs0 Value of /sys/class/watchdog/<watchdog>/access_cs0
    # TYPE node_watchdog_access_cs0 gauge
    node_watchdog_access_cs0{name="watchdog0"} 0
    # HELP node_watchdog_bootstatus Value of /sys/class/watchdog/<watchdog>/bootstatus
    # TYPE node_watchdog_bootstatus gauge
    node_watchdog_bootstatus{name="watchdog0"} 0
    # HELP node_watchdog_fw_version Value of /sys/class/watchdog/<watchdog>/fw_version
    # TYPE node_watchdog_fw_version gauge
    node_watchdog_fw_version{name="watchdog0"} 0
    # HELP node_watchdog_info Info of /sys/class/watchdog/<watchdog>
    # TYPE node_watchdog_info gauge
    node_watchdog_info{identity="iTCO_wdt",name="watchdog0",options="0x8180",pretimeout_governor="noop",state="active",status="0x8000"} 1
    node_watchdog_info{identity="IPMI",name="watchdog1",options="",pretimeout_governor="",state="inactive",status=""} 1
    # HELP node_watchdog_nowayout Value of /sys/class/watchdog/<watchdog>/nowayout
    # TYPE node_watchdog_nowayout gauge
    node_watchdog_nowayout{name="watchdog0"} 0
    # HELP node_watchdog_pretimeout_seconds Value of /sys/class/watchdog/<watchdog>/pretimeout
    # TYPE node_watchdog_pretimeout_seconds gauge
    node_watchdog_pretimeout_seconds{name="watchdog0"} 60
    # HELP node_watchdog_timeleft_seconds Value of /sys/class/watchdog/<watchdog>/timeleft
    # TYPE node_watchdog_timeleft_seconds gauge
    node_watchdog_timeleft_seconds{name="watchdog0"} 287
    # HELP node_watchdog_timeout_seconds Value of /sys/class/watchdog/<watchdog>/timeout
    # TYPE node_watchdog_timeout_seconds gauge
    node_watchdog_timeout_seconds{name="watchdog0"} 300
    node_watchdog_timeout_seconds{name="watchdog1"} 10
  `);
});

test('loses only the attributes that fail or are no numbers', async () => {
  const host = systemOf(
    sceneOf('== sys/class/watchdog/watchdog0/timeleft\n9\n== sys/class/watchdog/watchdog0/timeout\nsoon\n'),
  );
  const sys = failing(host.sys, { 'class/watchdog/watchdog0/timeleft': 'EOPNOTSUPP' });

  expect(await expose(watchdog, { ...host, sys })).toBe(text`
    # HELP node_watchdog_info Info of /sys/class/watchdog/<watchdog>
    # TYPE node_watchdog_info gauge
    node_watchdog_info{identity="",name="watchdog0",options="",pretimeout_governor="",state="",status=""} 1
  `);
});

test('has no data without the class, and nothing to report without watchdogs', async () => {
  await expect(expose(watchdog, sceneOf(''))).rejects.toThrow('no watchdog class');
  expect(await expose(watchdog, sceneOf('=/ sys/class/watchdog\n'))).toBe('');
});
