import { expect, test } from 'vitest';
import { nvmesubsystem } from '../../../collectors/host/nvmesubsystem.ts';
import { NoDataError } from '../../../src/collector.ts';
import { expose, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

test('reports each subsystem with its paths', async () => {
  expect(await expose(nvmesubsystem, sceneFolder('rich-server', ['nvmesubsystem']))).toBe(text`
    # HELP node_nvmesubsystem_info Non-numeric information about an NVMe subsystem.
    # TYPE node_nvmesubsystem_info gauge
    node_nvmesubsystem_info{iopolicy="round-robin",model="Array 9000",nqn="nqn.2014-08.org.nvmexpress:uuid:a34c4f3a-0d6f-5cec-dead-beefcafebabe",serial="1a2b3c4d5e6f7a8b",subsystem="nvme-subsys0"} 1
    # HELP node_nvmesubsystem_namespace_info Maps an NVMe namespace block device to its subsystem.
    # TYPE node_nvmesubsystem_namespace_info gauge
    node_nvmesubsystem_namespace_info{device="nvme0n1",subsystem="nvme-subsys0"} 1
    node_nvmesubsystem_namespace_info{device="nvme0n2",subsystem="nvme-subsys0"} 1
    # HELP node_nvmesubsystem_path_state Current NVMe controller path state (1 for the current state, 0 for all others).
    # TYPE node_nvmesubsystem_path_state gauge
    node_nvmesubsystem_path_state{controller="nvme0",state="connecting",subsystem="nvme-subsys0",transport="tcp"} 0
    node_nvmesubsystem_path_state{controller="nvme0",state="dead",subsystem="nvme-subsys0",transport="tcp"} 0
    node_nvmesubsystem_path_state{controller="nvme0",state="deleting",subsystem="nvme-subsys0",transport="tcp"} 0
    node_nvmesubsystem_path_state{controller="nvme0",state="live",subsystem="nvme-subsys0",transport="tcp"} 1
    node_nvmesubsystem_path_state{controller="nvme0",state="new",subsystem="nvme-subsys0",transport="tcp"} 0
    node_nvmesubsystem_path_state{controller="nvme0",state="resetting",subsystem="nvme-subsys0",transport="tcp"} 0
    node_nvmesubsystem_path_state{controller="nvme0",state="unknown",subsystem="nvme-subsys0",transport="tcp"} 0
    node_nvmesubsystem_path_state{controller="nvme1",state="connecting",subsystem="nvme-subsys0",transport="tcp"} 1
    node_nvmesubsystem_path_state{controller="nvme1",state="dead",subsystem="nvme-subsys0",transport="tcp"} 0
    node_nvmesubsystem_path_state{controller="nvme1",state="deleting",subsystem="nvme-subsys0",transport="tcp"} 0
    node_nvmesubsystem_path_state{controller="nvme1",state="live",subsystem="nvme-subsys0",transport="tcp"} 0
    node_nvmesubsystem_path_state{controller="nvme1",state="new",subsystem="nvme-subsys0",transport="tcp"} 0
    node_nvmesubsystem_path_state{controller="nvme1",state="resetting",subsystem="nvme-subsys0",transport="tcp"} 0
    node_nvmesubsystem_path_state{controller="nvme1",state="unknown",subsystem="nvme-subsys0",transport="tcp"} 0
    # HELP node_nvmesubsystem_paths Number of controller paths for an NVMe subsystem.
    # TYPE node_nvmesubsystem_paths gauge
    node_nvmesubsystem_paths{subsystem="nvme-subsys0"} 2
    # HELP node_nvmesubsystem_paths_live Number of controller paths in live state for an NVMe subsystem.
    # TYPE node_nvmesubsystem_paths_live gauge
    node_nvmesubsystem_paths_live{subsystem="nvme-subsys0"} 1
  `);
});

test.each([
  ['live', ['live']],
  ['dead', ['dead']],
  ['deleting (no IO)', ['deleting']],
  ['new', ['new']],
  ['something else', ['unknown']],
])('tells the state %j of a controller', async (said, expected) => {
  const host = sceneOf(`== sys/class/nvme-subsystem/nvme-subsys3/nvme3/state\n${said}\n`);
  const scrape = await expose(nvmesubsystem, host);

  expect([...scrape.matchAll(/path_state\{.*state="(\w+)".*\} 1$/gm)].map(([, state]) => state)).toEqual(expected);
});

test('has no data on a host without NVMe', async () => {
  await expect(expose(nvmesubsystem, sceneOf(''))).rejects.toThrow(NoDataError);
});
