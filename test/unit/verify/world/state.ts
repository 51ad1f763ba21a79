/** How a copy stands that works. */
import type { CopyState } from '../../../../lab/verify/evidence/copy-state';
import { rulesIn } from '../../../../src/firewall/iptables-save';

/** With these rules in OUTPUT, one after the other. */
export const withRules = (...rules: readonly string[]): CopyState => ({
  rules: {
    4: rulesIn([':OUTPUT ACCEPT [0:0]', ...rules.map((rule) => `-A OUTPUT ${rule}`), ''].join('\n')),
    6: {},
  },
  boundQueues: [0],
  routing: undefined,
  intercept: 'intercept -x 198.18.10.20 -b 198.18.10.30 -d',
  tcpcopy: 'tcpcopy -x 80-198.18.10.30:8080 -s 198.18.10.20 -d',
  controlConnections: 1,
});

export const healthyState = withRules('-p tcp -m tcp --sport 8080 -j NFQUEUE --queue-num 0');
