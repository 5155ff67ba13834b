/** What the laboratory was told is wrong: printed in one line, exit status 2. */

export class UsageError extends Error {
  override readonly name = 'UsageError';
}
