import { race } from "../../base/wait.ts";
import type { Connection } from "./openServer.ts";
import { closeDropped, connectServer, dropConnection, type Server, withServer } from "./server.ts";

/**
 * Asks a server for something with it running. One that has forgotten who we are is greeted anew, and asked once more: what it
 * refused for that it has not done.
 */
export async function askAnew<T>(
  server: Server,
  signal: AbortSignal,
  ask: (connection: Connection, isAgain: boolean) => Promise<T>,
): Promise<T> {
  return await withServer(server, signal, async (connection) => {
    try {
      return await counted(server, connection, () => ask(connection, false));
    } catch (error) {
      if (!connection.isForgotten(error)) throw error;
      server.log.note("It has forgotten who we are, and is greeted anew");
      dropConnection(server, connection);
      const again = await race(connectServer(server), signal);
      return await counted(server, again, () => ask(again, true));
    }
  });
}

/** A connection that is dropped meanwhile is closed when nothing is under way on it. */
async function counted<T>(server: Server, connection: Connection, ask: () => Promise<T>): Promise<T> {
  connection.calls += 1;
  try {
    return await ask();
  } finally {
    connection.calls -= 1;
    closeDropped(server, connection);
  }
}
