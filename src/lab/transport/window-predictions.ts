/** What a window of W messages makes of a line when nothing is lost. */

import type { Prediction } from '../experiment/prediction.ts';
import { exactly } from './predictions.ts';

/**
 * The share of the line that is used, min(1, W/(1+2a)): exact over whole windows, so it is
 * predicted when their number is whole, the first message not counted.
 */
export function fullWindow({
  messages,
  rtt,
  frame,
  window,
}: {
  readonly messages: number;
  readonly rtt: number;
  readonly frame: number;
  readonly window: number;
}): readonly Prediction[] {
  const roundFrames = 1 + rtt / frame;
  const isBusy = window >= roundFrames;
  if (!isBusy && (messages - 1) % window !== 0) return [];
  return [exactly('utilisation', Math.min(1, window / roundFrames), 'min(1, W/(1+2a))')];
}
