import { expect, test } from 'vitest';
import { identify } from '../../../../collectors/host/cgroup/identity.ts';

const id = '3f1c9a5be07d42e8a6c1d0f95b7e8243a1d6c0f4e9b85723fd10c2a4b6e8d790';
const inner = '9be21c7f4a60d3e5b8f1027c6a4d9e3850f7b2c1d6e4a903857f1b2c3d4e5f60';
const pod = '7c2b8d1e-4f5a-4b6c-9d0e-1f2a3b4c5d6e';
const podSlice = `kubepods-burstable-pod${pod.replaceAll('-', '_')}.slice`;

test.each([
  ['/', {}],
  ['/init.scope', { unit: 'init.scope' }],
  ['/system.slice', { slice: 'system.slice' }],
  ['/system.slice/nginx.service', { slice: 'system.slice', unit: 'nginx.service' }],
  ['/system.slice/_cpu.service', { slice: 'system.slice', unit: 'cpu.service' }],
  ['/system.slice/docker.service/init', { slice: 'system.slice', unit: 'docker.service' }],
  [
    '/system.slice/system-postgresql.slice/postgresql@15-main.service',
    { slice: 'system-postgresql.slice', unit: 'postgresql@15-main.service' },
  ],
  [
    '/user.slice/user-1000.slice/user@1000.service/app.slice/syncthing.service',
    { slice: 'app.slice', unit: 'syncthing.service' },
  ],
  [`/system.slice/docker-${id}.scope`, { slice: 'system.slice', container: id, runtime: 'docker' }],
  [`/machine.slice/libpod-${id}.scope`, { slice: 'machine.slice', container: id, runtime: 'podman' }],
  [`/machine.slice/libpod-conmon-${id}.scope`, { slice: 'machine.slice', unit: `libpod-conmon-${id}.scope` }],
  [`/system.slice/nerdctl-${id}.scope`, { slice: 'system.slice', container: id, runtime: 'containerd' }],
  [`/libpod_parent/libpod-${id}`, { container: id, runtime: 'podman' }],
  [`/docker/${id}`, { container: id, runtime: 'docker' }],
  [`/k8s.io/${id}`, { container: id }],
  [`/system.slice:docker:${id}`, { container: id, runtime: 'docker' }],
  [`/kubepods.slice/kubepods-burstable.slice/${podSlice}`, { slice: podSlice, pod }],
  [
    `/kubepods.slice/kubepods-burstable.slice/${podSlice}/cri-containerd-${id}.scope`,
    { slice: podSlice, pod, container: id, runtime: 'containerd' },
  ],
  [`/kubepods.slice/${podSlice}/crio-${id}.scope`, { slice: podSlice, pod, container: id, runtime: 'cri-o' }],
  [`/kubepods/besteffort/pod${pod}/${id}`, { pod, container: id }],
  ['/kubepods/pod0123456789abcdef0123456789abcdef', { pod: '0123456789abcdef0123456789abcdef' }],
  [`/docker/${id}/kubelet/kubepods/pod${pod}/${inner}`, { pod, container: inner }],
  [
    `/system.slice/docker-${id}.scope/system.slice/nginx.service`,
    { slice: 'system.slice', unit: 'nginx.service', container: id, runtime: 'docker' },
  ],
  [
    '/machine.slice/machine-qemu\\x2d1\\x2dweb.scope/libvirt/emulator',
    { slice: 'machine.slice', container: 'qemu-1-web', runtime: 'machine' },
  ],
  [
    '/machine.slice/systemd-nspawn@build.service/payload',
    { slice: 'machine.slice', unit: 'systemd-nspawn@build.service', container: 'build', runtime: 'machine' },
  ],
  ['/lxc.payload.web', { container: 'web', runtime: 'lxc' }],
  ['/lxc/web/init.scope', { unit: 'init.scope', container: 'web', runtime: 'lxc' }],
  [`/docker/${id.slice(1)}`, {}],
])('the path %s says %j', (path, identity) => {
  expect(identify(path)).toEqual(identity);
});
