/** The error for zstd data that cannot be decompressed. */
import { SondeError } from '../../kit/errors.ts';

export const corrupt = (why: string): SondeError => new SondeError('SONDE_COMPRESSION_BROKEN', `zstd data: ${why}`);
