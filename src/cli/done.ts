/** How a command tells its exit code; without it, all went well. */
import type { ExitCode } from './exit-code.ts';

export type Done = (code: ExitCode) => void;
