/** Runs a command in this process and keeps what it writes. */
import { vi } from 'vitest';

export interface Captured {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

export async function captured(command: () => Promise<number>): Promise<Captured> {
  let out = '';
  let err = '';
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => (out += String(text)) !== ''),
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => (err += String(text)) !== ''),
  ];
  try {
    const status = await command();
    return { status, out, err };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
