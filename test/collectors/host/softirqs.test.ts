import { expect, test } from 'vitest';
import { softirqs } from '../../../collectors/host/softirqs.ts';
import { expose, text, tornSystemOf } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

test('reports each kind on each CPU', async () => {
  const scrape = await expose(softirqs, sceneFolder('rich-server', ['softirqs']));

  expect(scrape).toBe(text`
    # HELP node_softirqs_functions_total Softirq counts per CPU.
    # TYPE node_softirqs_functions_total counter
    node_softirqs_functions_total{cpu="0",type="HI"} 3
    node_softirqs_functions_total{cpu="1",type="HI"} 0
    node_softirqs_functions_total{cpu="2",type="HI"} 38
    node_softirqs_functions_total{cpu="3",type="HI"} 0
    node_softirqs_functions_total{cpu="0",type="TIMER"} 1253059169
    node_softirqs_functions_total{cpu="1",type="TIMER"} 1253059170
    node_softirqs_functions_total{cpu="2",type="TIMER"} 1253059171
    node_softirqs_functions_total{cpu="3",type="TIMER"} 1253059172
    node_softirqs_functions_total{cpu="0",type="NET_TX"} 300836
    node_softirqs_functions_total{cpu="1",type="NET_TX"} 0
    node_softirqs_functions_total{cpu="2",type="NET_TX"} 0
    node_softirqs_functions_total{cpu="3",type="NET_TX"} 7
    node_softirqs_functions_total{cpu="0",type="NET_RX"} 825536029
    node_softirqs_functions_total{cpu="1",type="NET_RX"} 825536030
    node_softirqs_functions_total{cpu="2",type="NET_RX"} 0
    node_softirqs_functions_total{cpu="3",type="NET_RX"} 0
    node_softirqs_functions_total{cpu="0",type="BLOCK"} 0
    node_softirqs_functions_total{cpu="1",type="BLOCK"} 88124309
    node_softirqs_functions_total{cpu="2",type="BLOCK"} 0
    node_softirqs_functions_total{cpu="3",type="BLOCK"} 0
    node_softirqs_functions_total{cpu="0",type="IRQ_POLL"} 0
    node_softirqs_functions_total{cpu="1",type="IRQ_POLL"} 12
    node_softirqs_functions_total{cpu="2",type="IRQ_POLL"} 0
    node_softirqs_functions_total{cpu="3",type="IRQ_POLL"} 0
    node_softirqs_functions_total{cpu="0",type="TASKLET"} 9127741
    node_softirqs_functions_total{cpu="1",type="TASKLET"} 0
    node_softirqs_functions_total{cpu="2",type="TASKLET"} 0
    node_softirqs_functions_total{cpu="3",type="TASKLET"} 1
    node_softirqs_functions_total{cpu="0",type="SCHED"} 450558360
    node_softirqs_functions_total{cpu="1",type="SCHED"} 450558361
    node_softirqs_functions_total{cpu="2",type="SCHED"} 450558362
    node_softirqs_functions_total{cpu="3",type="SCHED"} 450558363
    node_softirqs_functions_total{cpu="0",type="HRTIMER"} 0
    node_softirqs_functions_total{cpu="1",type="HRTIMER"} 0
    node_softirqs_functions_total{cpu="2",type="HRTIMER"} 0
    node_softirqs_functions_total{cpu="3",type="HRTIMER"} 0
    node_softirqs_functions_total{cpu="0",type="RCU"} 252068780
    node_softirqs_functions_total{cpu="1",type="RCU"} 252068781
    node_softirqs_functions_total{cpu="2",type="RCU"} 252068782
    node_softirqs_functions_total{cpu="3",type="RCU"} 4294967295
  `);
});

test('keeps what is whole of a file that is torn or has garbage', async () => {
  const scrape = await expose(
    softirqs,
    tornSystemOf(sceneOf('=!= proc/softirqs\n  CPU0 CPU3\nHI: 1 x\nTIMER 1 2\nRCU: 4\nNET_RX: 55 6')),
  );

  expect(scrape).toBe(text`
    # HELP node_softirqs_functions_total Softirq counts per CPU.
    # TYPE node_softirqs_functions_total counter
    node_softirqs_functions_total{cpu="0",type="HI"} 1
    node_softirqs_functions_total{cpu="0",type="RCU"} 4
  `);
});

test('refuses a file without a count', async () => {
  await expect(expose(softirqs, sceneOf('== proc/softirqs\n  CPU0'))).rejects.toMatchObject({
    code: 'SOURCE_MALFORMED',
  });
});

test('says which file is missing', async () => {
  await expect(expose(softirqs, sceneOf(''))).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
});
