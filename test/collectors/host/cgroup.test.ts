import { expect, test } from 'vitest';
import { cgroup } from '../../../collectors/host/cgroup.ts';
import { hybrid, old, paths, series, server, started } from '../../support/cgroup-hosts.ts';
import { expose, failing, systemOf, text } from '../../support/expose.ts';
import { sceneOf } from '../../support/scene.ts';

test('reports a service of a host with version 2', async () => {
  expect(await expose(cgroup, server, { cgroups_include: 'nginx' })).toBe(text`
    # HELP vitald_cgroup_cpu_limit_cores CPU time that the group may use, in CPUs; absent without a limit.
    # TYPE vitald_cgroup_cpu_limit_cores gauge
    vitald_cgroup_cpu_limit_cores{cgroup="/system.slice/nginx.service",slice="system.slice",unit="nginx.service"} 1.5
    # HELP vitald_cgroup_cpu_periods_total Periods in which the CPU limit was applied.
    # TYPE vitald_cgroup_cpu_periods_total counter
    vitald_cgroup_cpu_periods_total{cgroup="/system.slice/nginx.service",slice="system.slice",unit="nginx.service"} 4210
    # HELP vitald_cgroup_cpu_system_seconds_total CPU time that the group used in the kernel.
    # TYPE vitald_cgroup_cpu_system_seconds_total counter
    vitald_cgroup_cpu_system_seconds_total{cgroup="/system.slice/nginx.service",slice="system.slice",unit="nginx.service"} 16.076997
    # HELP vitald_cgroup_cpu_throttled_periods_total Periods in which the group was held back by its CPU limit.
    # TYPE vitald_cgroup_cpu_throttled_periods_total counter
    vitald_cgroup_cpu_throttled_periods_total{cgroup="/system.slice/nginx.service",slice="system.slice",unit="nginx.service"} 37
    # HELP vitald_cgroup_cpu_throttled_seconds_total Time for which the group was held back by its CPU limit.
    # TYPE vitald_cgroup_cpu_throttled_seconds_total counter
    vitald_cgroup_cpu_throttled_seconds_total{cgroup="/system.slice/nginx.service",slice="system.slice",unit="nginx.service"} 1.2505
    # HELP vitald_cgroup_cpu_usage_seconds_total CPU time that the group used.
    # TYPE vitald_cgroup_cpu_usage_seconds_total counter
    vitald_cgroup_cpu_usage_seconds_total{cgroup="/system.slice/nginx.service",slice="system.slice",unit="nginx.service"} 48.230991
    # HELP vitald_cgroup_cpu_user_seconds_total CPU time that the group used outside the kernel.
    # TYPE vitald_cgroup_cpu_user_seconds_total counter
    vitald_cgroup_cpu_user_seconds_total{cgroup="/system.slice/nginx.service",slice="system.slice",unit="nginx.service"} 32.153994
    # HELP vitald_cgroup_groups Groups that were reported, and those left out for want of room.
    # TYPE vitald_cgroup_groups gauge
    vitald_cgroup_groups{state="reported"} 1
    vitald_cgroup_groups{state="left_out"} 0
    # HELP vitald_cgroup_info What the path of the group says of it; always 1.
    # TYPE vitald_cgroup_info gauge
    vitald_cgroup_info{cgroup="/system.slice/nginx.service",slice="system.slice",unit="nginx.service"} 1
    # HELP vitald_cgroup_io_bytes_total Bytes that went to and from the device.
    # TYPE vitald_cgroup_io_bytes_total counter
    vitald_cgroup_io_bytes_total{cgroup="/system.slice/nginx.service",device="nvme0n1",operation="read",slice="system.slice",unit="nginx.service"} 104857600
    vitald_cgroup_io_bytes_total{cgroup="/system.slice/nginx.service",device="nvme0n1",operation="write",slice="system.slice",unit="nginx.service"} 8192
    vitald_cgroup_io_bytes_total{cgroup="/system.slice/nginx.service",device="nvme0n1",operation="discard",slice="system.slice",unit="nginx.service"} 0
    vitald_cgroup_io_bytes_total{cgroup="/system.slice/nginx.service",device="253:1",operation="read",slice="system.slice",unit="nginx.service"} 512
    vitald_cgroup_io_bytes_total{cgroup="/system.slice/nginx.service",device="253:1",operation="write",slice="system.slice",unit="nginx.service"} 0
    vitald_cgroup_io_bytes_total{cgroup="/system.slice/nginx.service",device="253:1",operation="discard",slice="system.slice",unit="nginx.service"} 0
    # HELP vitald_cgroup_io_operations_total Requests to the device.
    # TYPE vitald_cgroup_io_operations_total counter
    vitald_cgroup_io_operations_total{cgroup="/system.slice/nginx.service",device="nvme0n1",operation="read",slice="system.slice",unit="nginx.service"} 2100
    vitald_cgroup_io_operations_total{cgroup="/system.slice/nginx.service",device="nvme0n1",operation="write",slice="system.slice",unit="nginx.service"} 2
    vitald_cgroup_io_operations_total{cgroup="/system.slice/nginx.service",device="nvme0n1",operation="discard",slice="system.slice",unit="nginx.service"} 0
    vitald_cgroup_io_operations_total{cgroup="/system.slice/nginx.service",device="253:1",operation="read",slice="system.slice",unit="nginx.service"} 1
    vitald_cgroup_io_operations_total{cgroup="/system.slice/nginx.service",device="253:1",operation="write",slice="system.slice",unit="nginx.service"} 0
    vitald_cgroup_io_operations_total{cgroup="/system.slice/nginx.service",device="253:1",operation="discard",slice="system.slice",unit="nginx.service"} 0
    # HELP vitald_cgroup_major_page_faults_total Page faults of the group for which a disk was read.
    # TYPE vitald_cgroup_major_page_faults_total counter
    vitald_cgroup_major_page_faults_total{cgroup="/system.slice/nginx.service",slice="system.slice",unit="nginx.service"} 96
    # HELP vitald_cgroup_memory_events_total What happened to the memory of the group: limits reached, processes killed for want of memory.
    # TYPE vitald_cgroup_memory_events_total counter
    vitald_cgroup_memory_events_total{cgroup="/system.slice/nginx.service",event="low",slice="system.slice",unit="nginx.service"} 0
    vitald_cgroup_memory_events_total{cgroup="/system.slice/nginx.service",event="high",slice="system.slice",unit="nginx.service"} 3
    vitald_cgroup_memory_events_total{cgroup="/system.slice/nginx.service",event="max",slice="system.slice",unit="nginx.service"} 18
    vitald_cgroup_memory_events_total{cgroup="/system.slice/nginx.service",event="oom",slice="system.slice",unit="nginx.service"} 2
    vitald_cgroup_memory_events_total{cgroup="/system.slice/nginx.service",event="oom_kill",slice="system.slice",unit="nginx.service"} 1
    vitald_cgroup_memory_events_total{cgroup="/system.slice/nginx.service",event="oom_group_kill",slice="system.slice",unit="nginx.service"} 0
    # HELP vitald_cgroup_memory_limit_bytes Memory that the group may use; absent without a limit.
    # TYPE vitald_cgroup_memory_limit_bytes gauge
    vitald_cgroup_memory_limit_bytes{cgroup="/system.slice/nginx.service",slice="system.slice",unit="nginx.service"} 536870912
    # HELP vitald_cgroup_memory_stat_bytes Memory in use, by what it is used for.
    # TYPE vitald_cgroup_memory_stat_bytes gauge
    vitald_cgroup_memory_stat_bytes{cgroup="/system.slice/nginx.service",item="anon",slice="system.slice",unit="nginx.service"} 134217728
    vitald_cgroup_memory_stat_bytes{cgroup="/system.slice/nginx.service",item="file",slice="system.slice",unit="nginx.service"} 67108864
    vitald_cgroup_memory_stat_bytes{cgroup="/system.slice/nginx.service",item="kernel",slice="system.slice",unit="nginx.service"} 33554432
    vitald_cgroup_memory_stat_bytes{cgroup="/system.slice/nginx.service",item="slab",slice="system.slice",unit="nginx.service"} 3145728
    # HELP vitald_cgroup_memory_usage_bytes Memory in use, the file cache included.
    # TYPE vitald_cgroup_memory_usage_bytes gauge
    vitald_cgroup_memory_usage_bytes{cgroup="/system.slice/nginx.service",slice="system.slice",unit="nginx.service"} 268435456
    # HELP vitald_cgroup_memory_working_set_bytes Memory in use without the inactive part of the file cache.
    # TYPE vitald_cgroup_memory_working_set_bytes gauge
    vitald_cgroup_memory_working_set_bytes{cgroup="/system.slice/nginx.service",slice="system.slice",unit="nginx.service"} 251658240
    # HELP vitald_cgroup_page_faults_total Page faults of the group, major ones included.
    # TYPE vitald_cgroup_page_faults_total counter
    vitald_cgroup_page_faults_total{cgroup="/system.slice/nginx.service",slice="system.slice",unit="nginx.service"} 812344
    # HELP vitald_cgroup_pids Processes and threads in the group.
    # TYPE vitald_cgroup_pids gauge
    vitald_cgroup_pids{cgroup="/system.slice/nginx.service",slice="system.slice",unit="nginx.service"} 9
    # HELP vitald_cgroup_pids_limit Processes and threads that the group may have; absent without a limit.
    # TYPE vitald_cgroup_pids_limit gauge
    vitald_cgroup_pids_limit{cgroup="/system.slice/nginx.service",slice="system.slice",unit="nginx.service"} 4915
    # HELP vitald_cgroup_pressure_stalled_seconds_total Time in which all tasks of the group that were not idle waited for the resource.
    # TYPE vitald_cgroup_pressure_stalled_seconds_total counter
    vitald_cgroup_pressure_stalled_seconds_total{cgroup="/system.slice/nginx.service",resource="cpu",slice="system.slice",unit="nginx.service"} 0.00012
    vitald_cgroup_pressure_stalled_seconds_total{cgroup="/system.slice/nginx.service",resource="io",slice="system.slice",unit="nginx.service"} 0.655001
    vitald_cgroup_pressure_stalled_seconds_total{cgroup="/system.slice/nginx.service",resource="memory",slice="system.slice",unit="nginx.service"} 0.031005
    # HELP vitald_cgroup_pressure_waiting_seconds_total Time in which some task of the group waited for the resource.
    # TYPE vitald_cgroup_pressure_waiting_seconds_total counter
    vitald_cgroup_pressure_waiting_seconds_total{cgroup="/system.slice/nginx.service",resource="cpu",slice="system.slice",unit="nginx.service"} 9.120344
    vitald_cgroup_pressure_waiting_seconds_total{cgroup="/system.slice/nginx.service",resource="io",slice="system.slice",unit="nginx.service"} 0.700312
    vitald_cgroup_pressure_waiting_seconds_total{cgroup="/system.slice/nginx.service",resource="memory",slice="system.slice",unit="nginx.service"} 0.04421
    # HELP vitald_cgroup_swap_limit_bytes Swap space that the group may use; absent without a limit.
    # TYPE vitald_cgroup_swap_limit_bytes gauge
    vitald_cgroup_swap_limit_bytes{cgroup="/system.slice/nginx.service",slice="system.slice",unit="nginx.service"} 268435456
    # HELP vitald_cgroup_swap_usage_bytes Swap space in use.
    # TYPE vitald_cgroup_swap_usage_bytes gauge
    vitald_cgroup_swap_usage_bytes{cgroup="/system.slice/nginx.service",slice="system.slice",unit="nginx.service"} 1048576
  `);
});

test('reports all groups of the host but mounts, by what their paths say', async () => {
  const docker = '3f1c9a5be07d42e8a6c1d0f95b7e8243a1d6c0f4e9b85723fd10c2a4b6e8d790';
  const cri = '9be21c7f4a60d3e5b8f1027c6a4d9e3850f7b2c1d6e4a903857f1b2c3d4e5f60';
  const podSlice = 'kubepods-burstable-pod7c2b8d1e_4f5a_4b6c_9d0e_1f2a3b4c5d6e.slice';
  const pod = '7c2b8d1e-4f5a-4b6c-9d0e-1f2a3b4c5d6e';
  const burstable = '/kubepods.slice/kubepods-burstable.slice';
  const user = '/user.slice/user-1000.slice';
  const lines = await series(started(server), 'info{');

  expect(lines).toEqual([
    'info{cgroup="/init.scope",unit="init.scope"} 1',
    'info{cgroup="/kubepods.slice",slice="kubepods.slice"} 1',
    'info{cgroup="/system.slice",slice="system.slice"} 1',
    'info{cgroup="/user.slice",slice="user.slice"} 1',
    `info{cgroup="${burstable}",slice="kubepods-burstable.slice"} 1`,
    `info{cgroup="/system.slice/docker-${docker}.scope",container="${docker}",runtime="docker",slice="system.slice"} 1`,
    'info{cgroup="/system.slice/nginx.service",slice="system.slice",unit="nginx.service"} 1',
    `info{cgroup="${user}",slice="user-1000.slice"} 1`,
    `info{cgroup="${burstable}/${podSlice}",pod="${pod}",slice="${podSlice}"} 1`,
    `info{cgroup="${user}/user@1000.service",slice="user-1000.slice",unit="user@1000.service"} 1`,
    `info{cgroup="${burstable}/${podSlice}/cri-containerd-${cri}.scope",container="${cri}",pod="${pod}",runtime="containerd",slice="${podSlice}"} 1`,
    `info{cgroup="${user}/user@1000.service/app.slice",slice="app.slice",unit="user@1000.service"} 1`,
    `info{cgroup="${user}/user@1000.service/app.slice/syncthing.service",slice="app.slice",unit="syncthing.service"} 1`,
  ]);
});

test('reports what a group has whose controllers are off', async () => {
  const labels =
    'cgroup="/user.slice/user-1000.slice/user@1000.service/app.slice/syncthing.service",slice="app.slice",unit="syncthing.service"';
  const lines = await series(started(server, { cgroups_include: 'syncthing', pressure: false }), 'syncthing');

  expect(lines).toEqual([
    `cpu_system_seconds_total{${labels}} 1`,
    `cpu_usage_seconds_total{${labels}} 3`,
    `cpu_user_seconds_total{${labels}} 2`,
    `info{${labels}} 1`,
  ]);
});

test('reports a service of a host with version 1', async () => {
  const labels = 'cgroup="/system.slice/cron.service"';
  const unit = 'slice="system.slice",unit="cron.service"';
  const lines = await series(started(old), 'cron.service');

  expect(lines).toEqual([
    `cpu_limit_cores{${labels},${unit}} 0.5`,
    `cpu_periods_total{${labels},${unit}} 120`,
    `cpu_system_seconds_total{${labels},${unit}} 0.5`,
    `cpu_throttled_periods_total{${labels},${unit}} 12`,
    `cpu_throttled_seconds_total{${labels},${unit}} 3.5`,
    `cpu_usage_seconds_total{${labels},${unit}} 1.5`,
    `cpu_user_seconds_total{${labels},${unit}} 1`,
    `info{${labels},${unit}} 1`,
    `io_bytes_total{${labels},device="sda",operation="read",${unit}} 4096000`,
    `io_bytes_total{${labels},device="sda",operation="write",${unit}} 8192`,
    `io_bytes_total{${labels},device="sda",operation="discard",${unit}} 0`,
    `io_operations_total{${labels},device="sda",operation="read",${unit}} 1000`,
    `io_operations_total{${labels},device="sda",operation="write",${unit}} 2`,
    `io_operations_total{${labels},device="sda",operation="discard",${unit}} 0`,
    `major_page_faults_total{${labels},${unit}} 14`,
    `memory_events_total{${labels},event="max",${unit}} 4`,
    `memory_events_total{${labels},event="oom_kill",${unit}} 2`,
    `memory_limit_bytes{${labels},${unit}} 536870912`,
    `memory_stat_bytes{${labels},item="anon",${unit}} 4194304`,
    `memory_stat_bytes{${labels},item="file",${unit}} 2097152`,
    `memory_stat_bytes{${labels},item="kernel",${unit}} 1409024`,
    `memory_usage_bytes{${labels},${unit}} 8388608`,
    `memory_working_set_bytes{${labels},${unit}} 7340032`,
    `page_faults_total{${labels},${unit}} 88123`,
    `pids{${labels},${unit}} 3`,
    `pids_limit{${labels},${unit}} 512`,
    `swap_usage_bytes{${labels},${unit}} 12288`,
  ]);
});

test('takes the largest number of version 1 for no limit, and so -1', async () => {
  const lines = await series(started(old), 'cgroup="/system.slice",');

  expect(lines.filter((line) => line.includes('_limit'))).toEqual([]);
  expect(lines).toContain('memory_usage_bytes{cgroup="/system.slice",slice="system.slice"} 2147483648');
});

test('leaves out groups that only systemd has in version 1', async () => {
  expect(await paths(started(old))).not.toContain('/system.slice/elsewhere.service');
});

test('reports a hybrid host from all of its hierarchies', async () => {
  const labels = 'cgroup="/system.slice/cron.service"';
  const unit = 'slice="system.slice",unit="cron.service"';
  const lines = await series(started(hybrid), 'cron.service');

  expect(lines).toEqual([
    `cpu_system_seconds_total{${labels},${unit}} 0.5`,
    `cpu_usage_seconds_total{${labels},${unit}} 1.500000001`,
    `cpu_user_seconds_total{${labels},${unit}} 1`,
    `info{${labels},${unit}} 1`,
    `major_page_faults_total{${labels},${unit}} 14`,
    `memory_stat_bytes{${labels},item="anon",${unit}} 4194304`,
    `memory_stat_bytes{${labels},item="file",${unit}} 2097152`,
    `memory_usage_bytes{${labels},${unit}} 8388608`,
    `memory_working_set_bytes{${labels},${unit}} 7340032`,
    `page_faults_total{${labels},${unit}} 88123`,
    `pressure_stalled_seconds_total{${labels},resource="cpu",${unit}} 0`,
    `pressure_stalled_seconds_total{${labels},resource="io",${unit}} 0.0009`,
    `pressure_stalled_seconds_total{${labels},resource="memory",${unit}} 0`,
    `pressure_waiting_seconds_total{${labels},resource="cpu",${unit}} 0.0025`,
    `pressure_waiting_seconds_total{${labels},resource="io",${unit}} 0.001`,
    `pressure_waiting_seconds_total{${labels},resource="memory",${unit}} 0`,
    `swap_usage_bytes{${labels},${unit}} 0`,
  ]);
});

test('takes CPU time from one hierarchy of a hybrid host, lest it go back and forth', async () => {
  const host = systemOf(hybrid);
  const cpuacct = 'fs/cgroup/cpuacct/system.slice/cron.service';
  const sys = failing(host.sys, { [`${cpuacct}/cpuacct.usage`]: 'ENODEV', [`${cpuacct}/cpuacct.stat`]: 'ENODEV' });

  expect(await series(started({ ...host, sys }), 'cpu_')).toEqual([]);
  host.close();
});

test('reads what old kernels of version 1 have of input and output', async () => {
  const service = 'sys/fs/cgroup/blkio/a.service';
  const folder = sceneOf(`== ${service}/blkio.throttle.io_service_bytes\n8:0 Read 77\n8:0 Total 77\nTotal 77`);

  expect(await series(started(folder), 'io_')).toEqual([
    'io_bytes_total{cgroup="/a.service",device="8:0",operation="read",unit="a.service"} 77',
  ]);
});
