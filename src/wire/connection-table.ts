/** A map by connection: the server's endpoint, then the client's, as numbers. Holds nothing for what was deleted. */
import { endpointAddress, endpointKey, endpointPort } from './flow';
import type { Route } from './reply';

export class ConnectionTable<Value> {
  readonly #byServer = new Map<number, Map<number, Value>>();

  get(route: Route): Value | undefined {
    return this.#byServer.get(serverKey(route))?.get(clientKey(route));
  }

  set(route: Route, value: Value): void {
    const server = serverKey(route);
    let clients = this.#byServer.get(server);
    if (!clients) this.#byServer.set(server, (clients = new Map<number, Value>()));
    clients.set(clientKey(route), value);
  }

  delete(route: Route): void {
    const server = serverKey(route);
    const clients = this.#byServer.get(server);
    clients?.delete(clientKey(route));
    if (clients?.size === 0) this.#byServer.delete(server);
  }

  *entries(): Generator<[Route, Value]> {
    for (const [server, clients] of this.#byServer) {
      const serverAddress = endpointAddress(server);
      const serverPort = endpointPort(server);
      for (const [client, value] of clients) {
        const clientAddress = endpointAddress(client);
        yield [{ clientAddress, clientPort: endpointPort(client), serverAddress, serverPort }, value];
      }
    }
  }
}

const serverKey = (route: Route): number => endpointKey(route.serverAddress, route.serverPort);
const clientKey = (route: Route): number => endpointKey(route.clientAddress, route.clientPort);
