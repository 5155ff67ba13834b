/**
 * Two projects: `unit` needs no other program (`npm test`), `interop` needs real DNS software
 * (`npm run test:interop`). `--mode slow` (`npm run test:slow`) multiplies what the property tests
 * try: they read FUZZ_RUNS, the number of cases of the largest of them.
 */
import { defineConfig, type ViteUserConfig } from 'vitest/config';

const FUZZ_RUNS = 20_000;
const FUZZ_RUNS_SLOW = 1_000_000;

// Projects that extend this are configured in mode 'test', whatever the command line says.
const slow = process.argv.includes('slow');
const fixtures = 'test/fixtures/**';

const config: ViteUserConfig = defineConfig({
  test: {
    watch: false,
    pool: 'forks',
    // By itself vitest leaves one processor free, which of two is half.
    maxWorkers: '100%',
    env: { FUZZ_RUNS: process.env['FUZZ_RUNS'] ?? String(slow ? FUZZ_RUNS_SLOW : FUZZ_RUNS) },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/interop/**', fixtures],
          testTimeout: slow ? 600_000 : 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'interop',
          include: ['test/interop/**/*.test.ts'],
          exclude: [fixtures],
          // Other programs take ports, namespaces and seconds: one file at a time.
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});

export default config;
