/** Starts the page: the connection changes the model, the model is drawn. */
import { render } from 'preact';
import { App } from './app.tsx';
import { Connection, type Link } from './connection.ts';
import { type Model, nothing } from './model.ts';
import { startTheme } from './theme.ts';

let model: Model = nothing;
let link: Link = { phase: 'starting' };
let drawing = false;
const place = document.querySelector('#app')!;

function draw(): void {
  // However much changes at a time, it is drawn once. Nobody sees a frame of a hidden page.
  if (drawing) return;
  drawing = true;
  const now = (): void => {
    drawing = false;
    render(<App model={model} link={link} connection={connection} />, place);
  };
  if (document.visibilityState === 'hidden') setTimeout(now, 0);
  else requestAnimationFrame(now);
}

const connection = new Connection(
  {
    fetch: (url, init) => fetch(url, init),
    now: () => Date.now(),
    after(ms, run) {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    random: () => Math.random(),
  },
  {
    change(next) {
      const before = model.status?.version;
      model = next(model);
      // The page of a daemon that was upgraded comes from the one before.
      if (before !== undefined && model.status?.version !== before) location.reload();
      draw();
    },
    link(next) {
      link = next;
      draw();
    },
  },
);

// The page knows better than the browser where a list that it draws in part was.
history.scrollRestoration = 'manual';
startTheme();
draw();
addEventListener('online', () => connection.retry());
void connection.start();
