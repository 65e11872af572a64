import { type Disposable, toDisposable } from "../../base/disposable.ts";
import type { Principal } from "./tokens.ts";

/** What stays open for long, an event stream or a WebSocket, with the token it was opened by. */
export interface Connection {
  principal: Principal;
  close(reason: string): void;
}

export interface Connections {
  readonly size: number;
  add(connection: Connection): Disposable;
  closeWhere(matches: (connection: Connection) => boolean, reason: string): void;
}

export function createConnections(): Connections {
  const open = new Set<Connection>();
  return {
    get size() {
      return open.size;
    },
    add(connection) {
      open.add(connection);
      return toDisposable(() => open.delete(connection));
    },
    closeWhere(matches, reason) {
      for (const connection of [...open]) if (matches(connection)) connection.close(reason);
    },
  };
}
