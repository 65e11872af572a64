import type { Frame, Wire } from "../protocol/frame.ts";
import { toDisposable } from "../base/disposable.ts";

/** Two ends of one wire inside a process. Frames arrive in order, on a later microtask, as copies. */
export function linkedWires(): [Wire, Wire] {
  const a = createEnd();
  const b = createEnd();
  a.peer = b;
  b.peer = a;
  return [a.wire, b.wire];
}

interface End {
  peer?: End;
  wire: Wire;
  receive(frame: Frame): void;
  closed(reason: string): void;
}

function createEnd(): End {
  let listener: ((frame: Frame) => void) | undefined;
  let waiting: Frame[] = [];
  let closedBy: string | undefined;
  const closeListeners = new Set<(reason: string) => void>();
  const end: End = {
    receive(frame) {
      if (listener) listener(frame);
      else waiting.push(frame);
    },
    closed(reason) {
      if (closedBy !== undefined) return;
      closedBy = reason;
      for (const tell of [...closeListeners]) tell(reason);
    },
    wire: {
      send(frame) {
        if (closedBy !== undefined) return;
        // A copy through JSON, because that is what every other wire does to a frame.
        const copy = JSON.parse(JSON.stringify(frame)) as Frame;
        queueMicrotask(() => end.peer?.receive(copy));
      },
      onFrame(next) {
        listener = next;
        const kept = waiting;
        waiting = [];
        for (const frame of kept) next(frame);
        return toDisposable(() => {
          if (listener === next) listener = undefined;
        });
      },
      onClose(tell) {
        if (closedBy !== undefined) queueMicrotask(() => tell(closedBy!));
        closeListeners.add(tell);
        return toDisposable(() => closeListeners.delete(tell));
      },
      close(reason = "closed") {
        end.closed(reason);
        end.peer?.closed(reason);
      },
    },
  };
  return end;
}
