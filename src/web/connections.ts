/** The open connections of all listeners, of which there are at most so many: who is idle longest makes room. */
import type { Server, Socket } from 'node:net';

interface Connection {
  readonly socket: Socket;
  requests: number;
}

/** What names a connection, also where a TLS socket stands for it. Unix sockets have no such name. */
type Peer = Pick<Socket, 'remoteAddress' | 'remotePort' | 'localPort'>;

function nameOf({ remoteAddress, remotePort, localPort }: Peer): string | undefined {
  return remotePort === undefined ? undefined : `${remoteAddress} ${remotePort} ${localPort}`;
}

/** Keeps count of connections. */
export class Connections {
  /** How many there may be. */
  limit: number;
  // In the order in which they were last of use.
  readonly #open = new Map<string | symbol, Connection>();

  constructor(limit: number) {
    this.limit = limit;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Counts the connections of a server. */
  watch(server: Server): void {
    server.prependListener('connection', (socket: Socket) => this.#add(socket));
  }

  /** Notes that a request of a connection is under way; call what it returns when it is over. */
  busy(peer: Peer): () => void {
    const name = nameOf(peer);
    const connection = name === undefined ? undefined : this.#open.get(name);
    if (name === undefined || connection === undefined) return () => {};
    connection.requests += 1;
    return () => {
      connection.requests -= 1;
      if (this.#open.get(name) !== connection) return;
      this.#open.delete(name);
      this.#open.set(name, connection);
    };
  }

  /** Ends all of them. */
  close(): void {
    for (const { socket } of this.#open.values()) socket.destroy();
  }

  #add(socket: Socket): void {
    const name = nameOf(socket) ?? Symbol('unix');
    const connection = { socket, requests: 0 };
    this.#open.set(name, connection);
    socket.once('close', () => {
      if (this.#open.get(name) === connection) this.#open.delete(name);
    });
    if (this.#open.size > this.limit) this.#makeRoom(connection);
  }

  #makeRoom(newest: Connection): void {
    for (const [name, connection] of this.#open) {
      if (connection.requests > 0 && connection !== newest) continue;
      // Forgotten at once, as more may come before it has closed.
      this.#open.delete(name);
      connection.socket.destroy();
      return;
    }
  }
}
