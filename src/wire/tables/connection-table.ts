/**
 * A map by connection: the server's endpoint, then the client's, as numbers. The addresses of
 * what is in it are held; nothing is kept of what was deleted.
 */
import { EndpointMap } from './endpoint-map';
import { holdAddress, letGoOfAddress } from '../address/address';
import { endpointAddress, endpointKey, endpointPort } from '../flow';
import type { Route } from '../reply';

export class ConnectionTable<Value> {
  readonly #byServer = new Map<number, EndpointMap<Value>>();
  /** The clients of the server that was asked for last: mostly there is only one. */
  #latestServer = -1;
  #latest: EndpointMap<Value> | undefined;

  get(route: Route): Value | undefined {
    return this.#clientsOf(route)?.get(clientKey(route));
  }

  set(route: Route, value: Value): void {
    let clients = this.#clientsOf(route);
    if (!clients) {
      this.#latest = clients = new EndpointMap<Value>();
      this.#byServer.set(this.#latestServer, clients);
      holdAddress(route.serverAddress);
    }
    clients.set(clientKey(route), value);
  }

  delete(route: Route): void {
    const clients = this.#clientsOf(route);
    if (!clients) return;
    clients.delete(clientKey(route));
    if (clients.size > 0) return;
    this.#byServer.delete(this.#latestServer);
    letGoOfAddress(route.serverAddress);
    this.#latest = undefined;
  }

  /** As they are now: the table may change while somebody goes through them. */
  *entries(): Generator<[Route, Value]> {
    for (const [server, clients] of this.#byServer) {
      const serverAddress = endpointAddress(server);
      const serverPort = endpointPort(server);
      for (const [client, value] of clients.entries()) {
        const clientAddress = endpointAddress(client);
        yield [{ clientAddress, clientPort: endpointPort(client), serverAddress, serverPort }, value];
      }
    }
  }

  #clientsOf(route: Route): EndpointMap<Value> | undefined {
    const server = endpointKey(route.serverAddress, route.serverPort);
    if (server !== this.#latestServer) {
      this.#latestServer = server;
      this.#latest = this.#byServer.get(server);
    }
    return this.#latest;
  }
}

const clientKey = (route: Route): number => endpointKey(route.clientAddress, route.clientPort);
