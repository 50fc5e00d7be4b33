// @ts-check
// The network between collector and event database, with its faults.
import { connect, createServer } from 'node:net';

/**
 * `pass`; `away`: refuses connections and drops those there are; `slow`: holds every answer back; `deaf`: requests arrive and no
 * answer ever does, as for a client whose patience is over while the insert goes on.
 * @typedef {'pass' | 'away' | 'slow' | 'deaf'} Mood
 */

/** @param {{ port: () => number, slowMs: number }} options `port`: where the database is now */
export async function openProxy({ port, slowMs }) {
  /** @type {Mood} */
  let mood = 'pass';
  let attempts = 0;
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();
  const server = createServer((client) => {
    attempts += 1;
    if (mood === 'away') {
      client.destroy();
      return;
    }
    const database = connect({ port: port(), host: '127.0.0.1' });
    for (const socket of [client, database]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        // What is held back is lost with the connection.
        client.destroy();
        database.destroy();
      });
    }
    client.pipe(database);
    database.on('data', (piece) => {
      if (mood === 'deaf') {
        client.destroy();
        return;
      }
      setTimeout(() => client.write(piece), mood === 'slow' ? slowMs : 0);
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    /** Connections that were tried since the last call. */
    takeAttempts() {
      const count = attempts;
      attempts = 0;
      return count;
    },
    /** @param {Mood} next */
    become(next) {
      mood = next;
      if (next === 'away') for (const socket of sockets) socket.destroy();
    },
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
