/** The encrypted transports of this machine. Each is loaded when it is first asked for. */

import { silentLogger, type Logger } from '../logger.ts';
import type { SecureNetwork } from '../secure.ts';
import type { BugReporter } from './bugs.ts';

export function createSecureNetwork(options: { readonly logger?: Logger } = {}): SecureNetwork {
  const logger = options.logger ?? silentLogger;
  const onBug: BugReporter = (err, where) => logger.error({ err, where }, 'bug: a callback threw');
  return {
    async connectTls(remote, tlsOptions) {
      const { connectTls } = await import('./tls.ts');
      return connectTls(remote, tlsOptions, onBug);
    },
    async connectHttp(remote, httpOptions) {
      const { connectHttp } = await import('./http2.ts');
      return connectHttp(remote, httpOptions);
    },
  };
}
