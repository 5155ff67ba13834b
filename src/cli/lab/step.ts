/** Keys of a terminal, or of whoever pipes them in, for a stepper. */

import { STEP_HELP, type Stepper } from '../../lab/report/stepper.ts';

const CLEAR = '\u{1b}[2J\u{1b}[H';
/** What arrow keys send. */
const ARROWS: Readonly<Record<string, string>> = { '\u{1b}[C': 'right', '\u{1b}[D': 'left' };

/** Until 'q' or the end of the input. On a terminal each step replaces the one before. */
export async function stepThrough(stepper: Stepper): Promise<void> {
  const { stdin, stdout } = process;
  const isScreen = stdin.isTTY && stdout.isTTY;
  const show = (text: string): void => {
    if (text === '') return;
    stdout.write(isScreen ? `${CLEAR}${text}\n\n${STEP_HELP}\n` : `${text}\n\n`);
  };
  show(stepper.show());
  if (isScreen) stdin.setRawMode(true);
  try {
    stdin.setEncoding('utf8');
    for await (const chunk of stdin) {
      for (const key of keysOf(String(chunk))) {
        show(stepper.press(key));
        if (stepper.isOver) return;
      }
    }
  } finally {
    if (isScreen) stdin.setRawMode(false);
    stdin.pause();
  }
}

function* keysOf(text: string): Generator<string> {
  for (let at = 0; at < text.length;) {
    const arrow = Object.keys(ARROWS).find((code) => text.startsWith(code, at));
    const key = arrow ?? text.charAt(at);
    at += key.length;
    yield ARROWS[key] ?? key;
  }
}
