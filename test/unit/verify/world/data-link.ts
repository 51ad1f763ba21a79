/** A data-link copy that works, on the addresses of the scene. */
import type { CopyState } from '../../../../lab/verify/evidence/copy-state';
import type { RoutingState } from '../../../../lab/verify/evidence/routing-state';
import type { Scene } from '../../../../lab/verify/evidence/scene';
import { scene } from './scene';
import { healthyState } from './state';

export const ASSISTANT_HARDWARE = '02:42:c6:12:0a:28';

export const dataLinkScene: Scene = {
  ...scene,
  clients: [{ name: 'client', address: '198.18.10.130', addresses: ['198.18.10.130'] }],
  assistants: [
    {
      name: 'assistant',
      address: '198.18.10.40',
      addresses: ['198.18.10.40'],
      hardware: ASSISTANT_HARDWARE,
      sources: ['198.18.10.128/25'],
      gateways: { '198.18.10.128/25': '198.18.10.40' },
      by: [],
    },
  ],
};

const INTERCEPT = "intercept -i eth0 -F 'tcp and src port 8080' -d";

export const healthyRouting: RoutingState = {
  ways: [
    { to: '198.18.10.128', goes: { kind: 'by', gateway: '198.18.10.40' } },
    { to: '198.18.10.130', goes: { kind: 'by', gateway: '198.18.10.40' } },
  ],
  blackHoles: ['198.18.10.128/25'],
  acceptingRedirects: [],
  assistants: [{ name: 'assistant', intercept: INTERCEPT, forwarding: [] }],
  passed: [],
};

export const withRouting = (changes: Partial<RoutingState> = {}): CopyState => ({
  ...healthyState,
  boundQueues: [],
  intercept: INTERCEPT,
  routing: { ...healthyRouting, ...changes },
});
