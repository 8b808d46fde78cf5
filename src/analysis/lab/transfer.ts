/** What the capture shows: transfers, put together by the template of the name under which they went. */
import { readFile } from 'node:fs/promises';
import { SondeError } from '../../kit/errors.ts';
import { findTemplates, type Scheme } from '../names/find-templates.ts';
import { describeTemplate } from '../names/template.ts';
import { numberOf, numberOrNull, type Row, textOf } from '../query.ts';

/** As many as fit into memory with ease; a telephone makes some thousands an hour. */
const MOST_TRANSFERS = 1_000_000;

/** The transfers of one template, in the order of time. */
export interface Track {
  /** `mmi{3 digits}.whatsapp.net`; for flows without a name `no name, udp 3478`. */
  readonly label: string;
  /** Undefined for flows without a name. */
  readonly scheme: Scheme | undefined;
  readonly ports: readonly string[];
  /** UTC microseconds of the capture's clock. */
  readonly at: readonly number[];
  readonly up: readonly number[];
  readonly down: readonly number[];
}

interface OpenTrack extends Track {
  readonly ports: string[];
  readonly at: number[];
  readonly up: number[];
  readonly down: number[];
}

/**
 * The query for the transfers of a capture; `client` is an address, or '' for all.
 *
 * @returns text with the placeholder `{client:String}`
 */
export const transfersQuery = (): Promise<string> => readFile(new URL('./transfers.sql', import.meta.url), 'utf8');

/**
 * The rows of that query by template, by label in order.
 *
 * @param least values that make a blank
 * @throws SondeError SONDE_QUERY_LIMIT if there are more than a million
 */
export const toTracks = (rows: readonly Row[], least: number): readonly Track[] => {
  if (rows.length > MOST_TRANSFERS)
    throw new SondeError(
      'SONDE_QUERY_LIMIT',
      `the captures hold more than ${MOST_TRANSFERS} transfers`,
      {},
      "name the tester's address with --client, or cut the captures",
    );
  const schemes = findTemplates(new Set(rows.map((row) => textOf(row, 'name')).filter((name) => name !== '')), least);
  const schemeOf = new Map(schemes.flatMap((scheme) => scheme.names.map((name) => [name, scheme] as const)));
  const tracks = new Map<string, OpenTrack>();
  for (const row of rows) {
    const port = `${textOf(row, 'transport')} ${numberOrNull(row, 'port') ?? '-'}`;
    const scheme = schemeOf.get(textOf(row, 'name'));
    const label = scheme === undefined ? `no name, ${port}` : describeTemplate(scheme.template);
    let track = tracks.get(label);
    if (track === undefined) {
      track = { label, scheme, ports: [], at: [], up: [], down: [] };
      tracks.set(label, track);
    }
    if (!track.ports.includes(port)) track.ports.push(port);
    track.at.push(numberOf(row, 'began_us'));
    track.up.push(numberOf(row, 'up'));
    track.down.push(numberOf(row, 'down'));
  }
  return [...tracks.values()].sort((a, b) => (a.label < b.label ? -1 : 1));
};
