/** The host at a glance: the last hour in charts, and how full its file systems are. */
import { useState } from 'preact/hooks';
import type { HostAnswer } from '../api/types.ts';
import { Chart } from './chart.tsx';
import { bytes, percent } from './format.ts';
import { inUnit, type Mount, mountsOf, type Panel, panelsOf, spanOfHost } from './host-panels.ts';
import { useMedia } from './window-rows.ts';

/** The charts. */
export function HostSection({ host }: { host: HostAnswer }) {
  const [chosen, setChosen] = useState<Readonly<Record<string, string>>>({});
  const narrow = useMedia('(max-width: 760px)');
  const panels = panelsOf(host, chosen);
  const mounts = mountsOf(host);
  const { until, ms } = spanOfHost(host);
  if (panels.length === 0 && mounts.length === 0) {
    return (
      <p class="empty">No figures of the host yet: the collectors for CPU, memory, disks and network tell them.</p>
    );
  }
  return (
    <div class="panels">
      {panels.map((panel) => (
        <PanelFigure
          key={panel.id}
          panel={panel}
          until={until}
          windowMs={ms}
          compact={narrow}
          onDevice={(device) => setChosen({ ...chosen, [panel.id]: device })}
        />
      ))}
      {mounts.length === 0 ? null : <Mounts mounts={mounts} />}
    </div>
  );
}

function PanelFigure({
  panel,
  until,
  windowMs,
  compact,
  onDevice,
}: {
  panel: Panel;
  until: number;
  windowMs: number;
  compact: boolean;
  onDevice: (device: string) => void;
}) {
  const { id, title, figure, aside, unit, chart, devices, device } = panel;
  return (
    <figure class="panel" id={`panel-${id}`}>
      <figcaption>
        <h3>{title}</h3>
        <span class="figure">{figure}</span>
        {devices.length > 1 ? (
          <select
            aria-label={`${title}: device`}
            value={device}
            onChange={({ currentTarget }) => onDevice(currentTarget.value)}
          >
            {devices.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        ) : (
          <span class="aside">{aside}</span>
        )}
      </figcaption>
      <Chart
        data={chart}
        format={(value) => inUnit(unit, value)}
        binary={unit !== 'ratio'}
        heightPx={compact ? 44 : 100}
        compact={compact}
        windowMs={windowMs}
        until={until}
        group="host"
      />
    </figure>
  );
}

const mountsShown = 5;

function Mounts({ mounts }: { mounts: readonly Mount[] }) {
  const fullest = mounts[0]!;
  const rest = mounts.length - mountsShown;
  return (
    <figure class="panel" id="panel-space">
      <figcaption>
        <h3>Space</h3>
        <span class="figure">{percent(fullest.usedRatio)}</span>
        <span class="aside">{mounts.length === 1 ? fullest.mountpoint : `fullest: ${fullest.mountpoint}`}</span>
      </figcaption>
      <ul class="mounts">
        {mounts.slice(0, mountsShown).map(({ mountpoint, usedRatio, availableBytes, sizeBytes }) => (
          <li key={mountpoint} class={usedRatio >= 0.9 ? 'full' : ''}>
            <span class="mountpoint" title={mountpoint}>
              {mountpoint}
            </span>
            <span class="aside">
              {bytes(availableBytes)} free of {bytes(sizeBytes)}
            </span>
            <span class="number">{percent(usedRatio)}</span>
            <span class="gauge" aria-hidden="true">
              <span style={{ width: `${(Math.min(1, Math.max(0, usedRatio)) * 100).toFixed(1)}%` }} />
            </span>
          </li>
        ))}
      </ul>
      {rest > 0 ? <p class="aside">and {rest} more, less full</p> : null}
    </figure>
  );
}
