/**
 * What the path of a control group says of it: the slice and unit of systemd, the container, the pod.
 *
 * systemd (systemd.slice(5)) gives each unit a group of its own below its slice. Container engines make a scope,
 * `docker-ID.scope`, or with their cgroupfs driver a folder of their own, `/docker/ID`, `/kubepods/burstable/podUID/ID`.
 */

/** What is known of a group; the labels that do not apply are absent. */
export interface Identity {
  /** The slice of systemd that it is in, or is itself. */
  readonly slice?: string | undefined;
  /** The innermost unit of systemd, such as `nginx.service`; absent for the scope of a container. */
  readonly unit?: string | undefined;
  /** The id of the container, or the name of the machine. */
  readonly container?: string | undefined;
  /** The engine that runs the container. */
  readonly runtime?: string | undefined;
  /** The unique id of the pod. */
  readonly pod?: string | undefined;
}

const engines: Readonly<Record<string, string>> = {
  docker: 'docker',
  'cri-containerd': 'containerd',
  nerdctl: 'containerd',
  crio: 'cri-o',
  libpod: 'podman',
};

const engineName = '(docker|cri-containerd|nerdctl|crio|libpod)';
const containerScope = new RegExp(`^${engineName}-([0-9a-f]{64})(?:\\.scope)?$`);
// What the systemd driver of an engine is not told of as systemd wants it, runc writes as "slice:prefix:id".
const containerTriple = new RegExp(`:${engineName}:([0-9a-f]{64})$`);
const bareId = /^[0-9a-f]{64}$/;
const machineScope = /^machine-(.+)\.scope$/;
const nspawnService = /^systemd-nspawn@(.+)\.service$/;
const lxcPayload = /^lxc\.payload\.(.+)$/;
const unitName = /^_?(.+\.(?:service|scope|socket|mount|swap))$/;
const sliceName = /^.+\.slice$/;
const podName = /(?:^|-)pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|[0-9a-f]{32})(?:\.slice)?$/;

/** A name as it was before systemd escaped it: `\x2d` is a hyphen, a hyphen is a slash in none of what is read here. */
function unescaped(name: string): string {
  return name.replaceAll(/\\x([0-9a-f]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}

interface Container {
  readonly id: string;
  readonly runtime: string;
  /** Whether the name is that of a unit of the engine's, which says no more than the container does. */
  readonly isScope: boolean;
}

function containerOf(name: string, parent: string | undefined): Container | undefined {
  const [, engine = '', id] = containerScope.exec(name) ?? containerTriple.exec(name) ?? [];
  if (id !== undefined) return { id, runtime: engines[engine] ?? '', isScope: true };
  if (bareId.test(name)) return { id: name, runtime: parent === 'docker' ? 'docker' : '', isScope: false };
  const [, machine] = machineScope.exec(name) ?? [];
  if (machine !== undefined) return { id: unescaped(machine), runtime: 'machine', isScope: true };
  const [, nspawn] = nspawnService.exec(name) ?? [];
  if (nspawn !== undefined) return { id: unescaped(nspawn), runtime: 'machine', isScope: false };
  const [, lxc = parent === 'lxc' ? name : undefined] = lxcPayload.exec(name) ?? [];
  return lxc === undefined ? undefined : { id: lxc, runtime: 'lxc', isScope: false };
}

/** What a path, such as `/system.slice/nginx.service`, says. Inner names prevail over outer ones. */
export function identify(path: string): Identity {
  let slice: string | undefined;
  let unit: string | undefined;
  let container: Container | undefined;
  let pod: string | undefined;
  let parent: string | undefined;
  for (const name of path.split('/')) {
    const found = containerOf(name, parent);
    pod = podName.exec(name)?.[1]?.replaceAll('_', '-') ?? pod;
    if (sliceName.test(name)) slice = name;
    if (found !== undefined) container = found;
    const [, ofUnit] = unitName.exec(name) ?? [];
    if (found?.isScope === true) unit = undefined;
    else unit = ofUnit ?? unit;
    parent = name;
  }
  return {
    slice,
    unit,
    container: container?.id,
    runtime: container === undefined || container.runtime === '' ? undefined : container.runtime,
    pod,
  };
}
