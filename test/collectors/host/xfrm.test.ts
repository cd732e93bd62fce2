import { expect, test } from 'vitest';
import { parseXfrm, xfrm } from '../../../collectors/host/xfrm.ts';
import { expose } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

test('reports each reason that the kernel counts', async () => {
  const scrape = await expose(xfrm, sceneFolder('rich-server', ['xfrm']));

  expect(scrape).toMatch(/^# HELP node_xfrm_acquire_error_packets_total State hasn’t been fully acquired before use\n/);
  expect(scrape.match(/^# TYPE .* counter$/gm)).toHaveLength(30);
  expect(
    scrape.match(/^node.*$/gm)?.map((line) => line.replace(/^node_xfrm_/, '').replace('_packets_total', '')),
  ).toEqual([
    'acquire_error 24532',
    'fwd_hdr_error 6654',
    'in_buffer_error 2',
    'in_error 1',
    'in_hdr_error 4',
    'in_no_pols 65432',
    'in_no_states 3',
    'in_pol_block 7',
    'in_pol_error 8',
    'in_state_dir_error 12',
    'in_state_expired 5',
    'in_state_invalid 55555',
    'in_state_mismatch 23451',
    'in_state_mode_error 100',
    'in_state_proto_error 40',
    'in_state_seq_error 6000',
    'in_tmpl_mismatch 51',
    'out_bundle_check_error 555',
    'out_bundle_gen_error 43321',
    'out_error 9',
    'out_no_states 869',
    'out_pol_block 43456',
    'out_pol_dead 7656',
    'out_pol_error 1454',
    'out_state_dir_error 11',
    'out_state_expired 565',
    'out_state_invalid 28765',
    'out_state_mode_error 10',
    'out_state_proto_error 4542',
    'out_state_seq_error 543',
  ]);
});

test('a line that is no count is left out', () => {
  expect([...parseXfrm('XfrmInError x\nXfrmInHdrError\nXfrmFwdHdrError 3\n')]).toEqual([['XfrmFwdHdrError', 3]]);
});

test('says which file is missing', async () => {
  await expect(expose(xfrm, sceneOf(''))).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
});
