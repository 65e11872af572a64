import { type Disposable, toDisposable } from "../../base/disposable.ts";
import { isPhone } from "../calls/scope.ts";
import type { Principal } from "./tokens.ts";

/** What stays open for long, an event stream or a WebSocket, with the token it was opened by. */
export interface Connection {
  principal: Principal;
  close(reason: string): void;
}

export interface Connections {
  readonly size: number;
  /** Of a phone the oldest makes room, where it holds more than its pages have use for. */
  add(connection: Connection): Disposable;
  closeWhere(matches: (connection: Connection) => boolean, reason: string): void;
}

// Two for each page that is looked at, and those that a phone lost unseen. Who has its token is not to fill the gateway with them.
const MOST_OF_A_PHONE = 20;

export function createConnections(): Connections {
  const open = new Set<Connection>();
  return {
    get size() {
      return open.size;
    },
    add(connection) {
      const { name, scope } = connection.principal;
      const held = isPhone(scope) ? [...open].filter(({ principal }) => principal.name === name) : [];
      if (held.length >= MOST_OF_A_PHONE) {
        open.delete(held[0]!);
        held[0]!.close("newer ones took its place");
      }
      open.add(connection);
      return toDisposable(() => open.delete(connection));
    },
    closeWhere(matches, reason) {
      for (const connection of [...open]) if (matches(connection)) connection.close(reason);
    },
  };
}
