import type { Writable } from "node:stream";
import { WebSocket, type RawData } from "ws";
import { AppError } from "../base/appError.ts";
import { systemClock } from "../base/clock.ts";
import { toDisposable } from "../base/disposable.ts";
import type { Frame, Wire } from "../protocol/frame.ts";
import { sharedJson } from "./sharedJson.ts";

/** More than this unread makes `drained` wait; so much unread that it can only be a client that never reads is cut. */
const UNREAD_LIMIT = 16 * 1024;
const UNREAD_MAX = 16 * 1024 * 1024;
const STALL_LIMIT_MS = 15_000;
const PING_MS = 30_000;

/**
 * A WebSocket as a wire. A message that is not JSON arrives as a frame of no known type. With the `line` beneath it, what is
 * sent without a pause in between leaves in one piece.
 */
export function createSocketWire(socket: WebSocket, line?: Writable): Wire {
  let listener: ((frame: Frame) => void) | undefined;
  const waiting: Frame[] = [];
  let closeReason: string | undefined;
  const closeListeners = new Set<(reason: string) => void>();
  const drainListeners = new Set<() => void>();
  const stopPinging = keepAlive(socket);

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
      if (line && line.writableCorked === 0) {
        line.cork();
        process.nextTick(() => line.uncork());
      }
      sendFrame(socket, frame, () => {
        if (socket.bufferedAmount < UNREAD_LIMIT) for (const tell of [...drainListeners]) tell();
      });
      if (socket.bufferedAmount > UNREAD_MAX) socket.terminate();
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
      socket.close(1000, reason.slice(0, 100));
    },
    drained() {
      if (socket.bufferedAmount < UNREAD_LIMIT || socket.readyState !== WebSocket.OPEN) return Promise.resolve();
      return new Promise((resolve, reject) => {
        const limit = systemClock.at(Date.now() + STALL_LIMIT_MS, () => {
          drainListeners.delete(done);
          socket.terminate();
          reject(new AppError("unavailable", "The other end of the wire reads nothing"));
        });
        const done = () => {
          drainListeners.delete(done);
          limit.dispose();
          resolve();
        };
        drainListeners.add(done);
      });
    },
  };
}

/** What an event frame carries is the same for all its readers; its number is not. */
function sendFrame(socket: WebSocket, frame: Frame, onSent: () => void): void {
  if (frame.type !== "event") return socket.send(JSON.stringify(frame), onSent);
  const { payload, ...own } = frame;
  const start = `${JSON.stringify(own).slice(0, -1)},"payload":`;
  const json = sharedJson(payload);
  if (typeof json === "string") return socket.send(`${start}${json}}`, onSent);
  // Long: a part of its own, which is not copied for each reader.
  socket.send(start, { fin: false });
  socket.send(json, { binary: false, fin: false });
  socket.send("}", { fin: true }, onSent);
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

/** Notices a peer that vanished without a word. */
function keepAlive(socket: WebSocket): () => void {
  let heard = true;
  socket.on("pong", () => (heard = true));
  const timer = setInterval(() => {
    if (!heard) return socket.terminate();
    heard = false;
    if (socket.readyState === WebSocket.OPEN) socket.ping();
  }, PING_MS).unref();
  return () => clearInterval(timer);
}
