/** Progress on standard error: a bar that is written over on a terminal, a line every 5 s elsewhere. */
import type { Terminal } from './terminal.ts';

const BAR_CELLS = 20;
const TTY_INTERVAL_MS = 100;
const LINE_INTERVAL_MS = 5000;
const MEGA = 1e6;

export interface Progress {
  /** What is being done, bytes of how many (undefined if nobody knows), and packets. */
  update(label: string, bytes: number, totalBytes: number | undefined, packets: number): void;
  /** The same of what has no end: a line of any text. */
  live(textOf: () => string): void;
  /** Takes the bar away. */
  clear(): void;
}

const eta = (elapsedS: number, share: number): string => {
  if (share <= 0) return '';
  const leftS = Math.round((elapsedS * (1 - share)) / share);
  return leftS >= 60 ? `, ${Math.floor(leftS / 60)} min ${leftS % 60} s left` : `, ${leftS} s left`;
};

export const startProgress = (terminal: Terminal, quiet: boolean): Progress => {
  const startedAt = performance.now();
  let shownAt = startedAt;
  let shown = false;
  const clear = (): void => {
    if (shown && terminal.errIsTty) terminal.err('\r\u001b[K');
    shown = false;
  };
  /** Shows a text, unless it was only just that one was shown. */
  const show = (textOf: () => string): void => {
    const now = performance.now();
    if (quiet || now - shownAt < (terminal.errIsTty ? TTY_INTERVAL_MS : LINE_INTERVAL_MS)) return;
    shownAt = now;
    if (terminal.errIsTty) terminal.err(`\r${textOf().slice(0, terminal.width - 1)}\u001b[K`);
    else terminal.err(`${textOf()}\n`);
    shown = true;
  };
  return {
    update: (label, bytes, totalBytes, packets) =>
      show(() => {
        const elapsedS = (performance.now() - startedAt) / 1000;
        const rate = `${(bytes / MEGA / elapsedS).toFixed(0)} MB/s, ${(packets / MEGA).toFixed(2)} M packets`;
        const share = totalBytes === undefined || totalBytes === 0 ? undefined : Math.min(1, bytes / totalBytes);
        const done = share === undefined ? `${(bytes / MEGA).toFixed(0)} MB` : `${(share * 100).toFixed(0)} %`;
        const text = `${done}, ${rate}${share === undefined ? '' : eta(elapsedS, share)}`;
        if (!terminal.errIsTty) return `${label}: ${text}`;
        const cells = Math.round((share ?? 0) * BAR_CELLS);
        const bar = share === undefined ? '' : `[${'='.repeat(cells)}${' '.repeat(BAR_CELLS - cells)}] `;
        return `${bar}${text}  ${label}`;
      }),
    live: show,
    clear,
  };
};
