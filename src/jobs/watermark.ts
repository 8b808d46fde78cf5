/** How far the sources of tickets have come: what is reported from now on is not older than that, captures of long ago excepted. */
import type { Row, Snapshot, Workbench } from '../store/index.ts';
import { imports } from '../tickets/index.ts';

/** A live capture commits at least once a minute, news or none; one that was killed holds nobody up. */
const SILENT_MS = 3 * 60_000;

export class Watermark {
  #files = '';
  #rows: readonly Row[] = [];

  /**
   * The least time that any live capture has reached; where none runs, the latest of any import. UTC microseconds,
   * -Infinity for a store without imports.
   *
   * @param lastCommits of each stream, milliseconds since 1970
   * @param now milliseconds since 1970
   */
  async read(
    snapshot: Snapshot,
    bench: Workbench,
    lastCommits: ReadonlyMap<string, number>,
    now: number,
  ): Promise<number> {
    const segments = snapshot.segmentsOf(imports.name);
    const files = segments.map(({ file }) => file).join();
    if (files !== this.#files) {
      const select = await snapshot.selectOf(imports, segments);
      const result = await bench.query(`SELECT id, state, last_at FROM (${select}) WHERE last_at IS NOT NULL`);
      this.#rows = await result.rows();
      this.#files = files;
    }
    let latest = Number.NEGATIVE_INFINITY;
    let least = Number.POSITIVE_INFINITY;
    for (const { id, state, last_at } of this.#rows) {
      latest = Math.max(latest, Number(last_at));
      const isLive = state === 'running' && now - (lastCommits.get(String(id)) ?? 0) <= SILENT_MS;
      if (isLive) least = Math.min(least, Number(last_at));
    }
    return Math.min(latest, least);
  }
}
