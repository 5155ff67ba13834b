/** Standard output for texts of any length, whose reader may stop early (`ts-dns … | head`). */

/** Characters written at once: a call for each line takes longer than all the rest. */
const CHUNK_LENGTH = 65_536;

/** Writes all parts, or until nobody reads any more. */
export async function writeOutput(parts: Iterable<string>): Promise<void> {
  allowClosedPipe();
  let text = '';
  for (const part of parts) {
    text += part;
    if (text.length < CHUNK_LENGTH) continue;
    if (!(await write(text))) return;
    text = '';
  }
  await write(text);
}

/** The error comes as an event as well, maybe long after the call that wrote. */
export function allowClosedPipe(): void {
  process.stdout.off('error', ignoreClosedPipe).on('error', ignoreClosedPipe);
}

/** False when the reader is gone. */
async function write(text: string): Promise<boolean> {
  return new Promise((resolve) => {
    process.stdout.write(text, (error) => resolve(!(error instanceof Error)));
  });
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
