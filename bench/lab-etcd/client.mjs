/**
 * A client beside one etcd, in its network namespace: it writes, reads, and reads what this very
 * server has, again and again, and prints how each ended, as a line of JSON.
 *
 *     node client.mjs status
 *     node client.mjs PERIOD_MS DURATION_MS
 */
const URL = 'http://127.0.0.1:2379/v3';
/** Whoever waits longer has been failed. */
const PATIENCE_MS = 1000;

const base64 = (text) => Buffer.from(text).toString('base64');
const key = base64('date');
let count = 0;

const operations = {
  write: () => post('kv/put', { key, value: base64(`day ${(count += 1)}`) }),
  read: () => post('kv/range', { key }),
  'local read': () => post('kv/range', { key, serializable: true }),
};

async function post(path, body) {
  const response = await fetch(`${URL}/${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return JSON.parse(text);
}

function nowMs() {
  return performance.timeOrigin + performance.now();
}

async function attempt(operation) {
  const atMs = nowMs();
  const isDone = await operations[operation]().then(
    () => true,
    () => false,
  );
  console.log(JSON.stringify({ operation, atMs, endMs: nowMs(), isDone }));
}

if (process.argv[2] === 'status') {
  console.log(JSON.stringify(await post('maintenance/status', {})));
} else {
  const [periodMs, durationMs] = process.argv.slice(2).map(Number);
  const timer = setInterval(() => {
    for (const operation of Object.keys(operations)) void attempt(operation);
  }, periodMs);
  setTimeout(() => clearInterval(timer), durationMs);
}
