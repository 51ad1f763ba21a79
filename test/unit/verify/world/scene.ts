/** The scene of the traditional topology, with two clients. */
import type { Scene } from '../../../../lab/verify/evidence/scene';

export const scene: Scene = {
  flavour: 'ours',
  protocol: 'http',
  clients: [
    { name: 'client', address: '198.18.10.10' },
    { name: 'client-2', address: '198.18.10.11' },
  ],
  online: { name: 'online', address: '198.18.10.20', port: 80 },
  test: { name: 'test', address: '198.18.10.30', port: 8080 },
  assistants: [],
  passlist: ['198.18.10.20'],
  ownCopies: [],
  broadcast: '198.18.10.255',
  network: 'lan',
  networks: [{ name: 'lan', broadcast: '198.18.10.255' }],
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
