import type { Writable } from "node:stream";
import { WebSocket, type RawData } from "ws";
import { AppError } from "../base/appError.ts";
import { type Clock, systemClock } from "../base/clock.ts";
import { type Disposable, toDisposable } from "../base/disposable.ts";
import type { Frame, Wire } from "../protocol/frame.ts";
import { createUnsentFrames, type UnsentFrames } from "./unsentFrames.ts";

/** More than this unread makes `drained` wait. */
const UNREAD_LIMIT = 16 * 1024;
/** Who has so much unread when one more frame comes is cut: it asks, and does not read. One frame may be as long as it likes. */
const UNREAD_MAX = 64 * 1024 * 1024;
const STALL_LIMIT_MS = 15_000;
const PING_MS = 30_000;

/**
 * A WebSocket as a wire. A message that is not JSON arrives as a frame of no known type. With the `line` beneath it, what is
 * sent without a pause in between leaves in one piece.
 */
export function createSocketWire(socket: WebSocket, line?: Writable, clock: Clock = systemClock): Wire {
  let listener: ((frame: Frame) => void) | undefined;
  const waiting: Frame[] = [];
  let closeReason: string | undefined;
  const closeListeners = new Set<(reason: string) => void>();
  const drainListeners = new Set<() => void>();
  const unsent = createUnsentFrames(socket, () => {
    if (unsent.size() < UNREAD_LIMIT) for (const tell of [...drainListeners]) tell();
  });
  const stopPinging = keepAlive(socket, unsent);

  socket.on("message", (data, isBinary) => {
    const frame = parseFrame(data, isBinary);
    if (listener) listener(frame);
    else waiting.push(frame);
  });
  // Too large, not UTF-8, or reset: ws closes it with the right code, and `close` follows.
  socket.on("error", () => {});
  socket.on("close", (code, reason) => {
    stopPinging();
    closeReason = reason.toString() || `code ${code}`;
    for (const tell of [...closeListeners]) tell(closeReason);
    for (const tell of [...drainListeners]) tell();
  });

  return {
    send(frame) {
      if (socket.readyState !== WebSocket.OPEN) return;
      if (unsent.size() > UNREAD_MAX) return socket.terminate();
      if (line && line.writableCorked === 0) {
        line.cork();
        process.nextTick(() => line.uncork());
      }
      unsent.push(frame);
    },
    onFrame(next) {
      listener = next;
      for (const frame of waiting.splice(0)) next(frame);
      return toDisposable(() => {
        if (listener === next) listener = undefined;
      });
    },
    onClose(tell) {
      if (closeReason !== undefined) queueMicrotask(() => tell(closeReason!));
      closeListeners.add(tell);
      return toDisposable(() => closeListeners.delete(tell));
    },
    close(reason = "closed") {
      // The reason travels in a control frame, which holds 123 bytes.
      unsent.end(() => socket.close(1000, reason.slice(0, 100)));
    },
    drained() {
      if (unsent.size() < UNREAD_LIMIT || socket.readyState !== WebSocket.OPEN) return Promise.resolve();
      return new Promise((resolve, reject) => {
        let left: number;
        let limit: Disposable;
        const wait = () => {
          left = unsent.left();
          limit = clock.at(clock.now() + STALL_LIMIT_MS, look);
        };
        const look = () => {
          if (unsent.left() !== left) return wait();
          drainListeners.delete(done);
          socket.terminate();
          reject(new AppError("unavailable", "The other end of the wire reads nothing"));
        };
        const done = () => {
          drainListeners.delete(done);
          limit.dispose();
          resolve();
        };
        wait();
        drainListeners.add(done);
      });
    },
  };
}

function parseFrame(data: RawData, isBinary: boolean): Frame {
  const none = {} as Frame;
  if (isBinary) return none;
  try {
    return JSON.parse((data as Buffer).toString("utf8")) as Frame;
  } catch {
    return none;
  }
}

/** Notices a peer that vanished without a word. One that still takes of a long frame has its answer behind that, as long as some of it waits here. */
function keepAlive(socket: WebSocket, { size, left }: Pick<UnsentFrames, "size" | "left">): () => void {
  let heard = true;
  let before = 0;
  socket.on("pong", () => (heard = true));
  const timer = setInterval(() => {
    if (!heard && (size() === 0 || left() === before)) return socket.terminate();
    heard = false;
    before = left();
    if (socket.readyState === WebSocket.OPEN) socket.ping();
  }, PING_MS).unref();
  return () => clearInterval(timer);
}
