import type { WebSocket } from "ws";
import type { Frame } from "../protocol/frame.ts";
import { sharedJson } from "./sharedJson.ts";

/** A long frame goes out in pieces, the next when the one before has left, so that a slow reader is told from one that reads nothing. */
const PIECE = 16 * 1024;

/** Frames on their way out over a socket. */
export interface UnsentFrames {
  push(frame: Frame): void;
  /** Takes no more, and calls when all but the last piece has left. */
  end(then: () => void): void;
  /** What has not left yet, in bytes, or nearly. */
  size(): number;
  /** How often something has left. */
  left(): number;
}

/** `onLeft` is told whenever something has left. */
export function createUnsentFrames(socket: WebSocket, onLeft: () => void): UnsentFrames {
  const waiting: { data: string | Buffer; fin: boolean }[] = [];
  let waits = 0;
  let left = 0;
  let ended: (() => void) | undefined;

  const fill = () => {
    while (waiting.length > 0 && socket.bufferedAmount < PIECE) {
      const { data, fin } = waiting.shift()!;
      waits -= data.length;
      socket.send(data, { binary: false, fin }, (error) => {
        // It is closed.
        if (error) waiting.length = 0;
        else left += 1;
        fill();
        onLeft();
      });
    }
    if (waiting.length === 0) ended?.();
  };

  return {
    push(frame) {
      if (ended) return;
      const pieces = [...toPieces(frame)];
      for (const [at, data] of pieces.entries()) {
        waiting.push({ data, fin: at === pieces.length - 1 });
        waits += data.length;
      }
      fill();
    },
    end(then) {
      ended ??= then;
      fill();
    },
    size: () => waits + socket.bufferedAmount,
    left: () => left,
  };
}

function* toPieces(frame: Frame): Generator<string | Buffer> {
  for (const part of toParts(frame)) {
    if (part.length <= PIECE) yield part;
    else {
      const bytes = typeof part === "string" ? Buffer.from(part) : part;
      for (let at = 0; at < bytes.length; at += PIECE) yield bytes.subarray(at, at + PIECE);
    }
  }
}

/** What an event frame carries is the same for all its readers; its number is not. */
function toParts(frame: Frame): (string | Buffer)[] {
  if (frame.type !== "event") return [JSON.stringify(frame)];
  const { payload, ...own } = frame;
  const start = `${JSON.stringify(own).slice(0, -1)},"payload":`;
  const json = sharedJson(payload);
  // A long one is a part of its own, which is not copied for each reader.
  return typeof json === "string" ? [`${start}${json}}`] : [start, json, "}"];
}
