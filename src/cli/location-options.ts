/** The options of commands that ask where addresses lie: `--vantage-at`, `--as-database`. */
import { type Command, InvalidArgumentError } from 'commander';
import type { Coordinates, Scope } from '../analysis/analysis.ts';
import { readAnnouncedSpaces } from '../enrich/announced-space.ts';

export interface LocationOptions {
  readonly vantageAt?: Coordinates;
  readonly asDatabase?: string;
}

/** Parses degrees north and east: `48.2,16.4`. */
const parseCoordinates = (text: string): Coordinates => {
  const [, latitude, longitude] = /^(-?\d{1,2}(?:\.\d+)?),(-?\d{1,3}(?:\.\d+)?)$/.exec(text)?.map(Number) ?? [];
  if (latitude === undefined || longitude === undefined || Math.abs(latitude) > 90 || Math.abs(longitude) > 180)
    throw new InvalidArgumentError('It takes degrees north and east, as in 48.2,16.4.');
  return { latitude, longitude };
};

export const withLocation = (command: Command): Command =>
  command
    .option('--vantage-at <lat,lon>', 'where the vantage stands, degrees north and east', parseCoordinates)
    .option('--as-database <csv>', 'dated networks that overlay the default, for announced space');

/** What these options add to the scope of an analysis. */
export const locationOf = ({ vantageAt, asDatabase }: LocationOptions): Pick<Scope, 'vantageAt' | 'announced'> => ({
  vantageAt,
  announced: { overlay: asDatabase, read: (at) => readAnnouncedSpaces({ overlay: asDatabase, at }) },
});
