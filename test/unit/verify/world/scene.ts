/** The scene of the traditional topology, with two clients. */
import type { Scene } from '../../../../lab/verify/evidence/scene';

export const scene: Scene = {
  flavour: 'ours',
  protocol: 'http',
  clients: [
    { name: 'client', address: '198.18.10.10', addresses: ['198.18.10.10'] },
    { name: 'client-2', address: '198.18.10.11', addresses: ['198.18.10.11'] },
  ],
  online: { name: 'online', address: '198.18.10.20', addresses: ['198.18.10.20'], port: 80 },
  test: { name: 'test', address: '198.18.10.30', addresses: ['198.18.10.30'], port: 8080 },
  assistants: [],
  passlist: ['198.18.10.20'],
  ownCopies: [],
  broadcast: '198.18.10.255',
  network: 'lan',
  networks: [{ name: 'lan', broadcast: '198.18.10.255', marked: [], engines: [], hasIpv6: false }],
  routers: [],
};

export const redisScene: Scene = {
  ...scene,
  protocol: 'redis',
  online: { ...scene.online, port: 6379 },
  test: { ...scene.test, port: 6379 },
};

export const CLIENT = '198.18.10.10:40000';
export const ONLINE = '198.18.10.20:80';
export const TEST = '198.18.10.30:8080';

const FAMILY_6 = { client: '2001:2:0:10::10', online: '2001:2:0:10::20', test: '2001:2:0:10::30' };
export const CLIENT_6 = `[${FAMILY_6.client}]:40000`;
export const ONLINE_6 = `[${FAMILY_6.online}]:80`;
export const TEST_6 = `[${FAMILY_6.test}]:8080`;

/** One client; both families are copied. */
export const dualScene: Scene = {
  ...scene,
  clients: [{ ...scene.clients[0]!, addresses: ['198.18.10.10', FAMILY_6.client] }],
  online: { ...scene.online, addresses: ['198.18.10.20', FAMILY_6.online] },
  test: { ...scene.test, addresses: ['198.18.10.30', FAMILY_6.test] },
  passlist: ['198.18.10.20', FAMILY_6.online],
  networks: [{ name: 'lan', broadcast: '198.18.10.255', marked: [], engines: [], hasIpv6: true }],
};

/** The same nodes; IPv6 is copied, and nothing else. */
export const ipv6Scene: Scene = {
  ...dualScene,
  clients: [{ name: 'client', address: FAMILY_6.client, addresses: [FAMILY_6.client] }],
  online: { ...scene.online, address: FAMILY_6.online, addresses: [FAMILY_6.online] },
  test: { ...scene.test, address: FAMILY_6.test, addresses: [FAMILY_6.test] },
};
