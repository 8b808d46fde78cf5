/** Packet time where no packets are: it goes on by the clock of the capture, so far as nothing can still be on its way. */
import type { CaptureAccount } from '../capture/capture-account.ts';
import { SECOND } from '../kit/time.ts';
import type { LabelledTickets } from './labelled-tickets.ts';

/** Longer than any packet takes from the wire to here, through the buffers of kernel, capturing program and pipe. */
export const PACKET_DELAY_US = 5 * SECOND;

/**
 * A capture that says when it ended tells of the silence at its end: what that is too long for is over, in a file as it
 * was in the live capture that wrote it.
 */
export const passSilence = ({ probe }: LabelledTickets, { endedAt, state }: CaptureAccount): void => {
  if (endedAt !== undefined && state === 'complete') probe.elapse(endedAt - PACKET_DELAY_US);
};
