/** Clients that keep their connections for some requests each, of which none is the same as another. It plays in a node. */
import { Agent, get } from 'node:http';

const [, , host, port, connections] = process.argv;
const PATHS = ['users', 'orders', 'list', 'page', 'health'];

const ask = (agent, path) =>
  new Promise((resolve, reject) => {
    const request = get({ host, port, path, agent }, (answer) => answer.resume().on('end', resolve));
    request.on('error', reject);
  });

for (let number = 0; number < Number(connections); number += 10)
  await Promise.all(
    Array.from({ length: 10 }, async (_, index) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      for (const path of PATHS) await ask(agent, `/${path}/${number + index}`);
      agent.destroy();
    }),
  );
