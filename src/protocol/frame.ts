import type { ErrorBody } from "./error.ts";
import type { GatewayEvent } from "./event.ts";

/** What crosses a wire, in JSON: over /ws, over postMessage to the panel, and between linked wires in a process. */
export type Frame = RequestFrame | ResponseFrame | EventFrame;

export interface RequestFrame {
  type: "req";
  id: string;
  /** A route's name, as in "sessions.send". */
  method: string;
  params?: unknown;
}

export type ResponseFrame =
  | { type: "res"; id: string; ok: true; payload: unknown }
  | { type: "res"; id: string; ok: false; error: ErrorBody };

export interface EventFrame {
  type: "event";
  /** The payload's type, as in "text.delta". */
  event: GatewayEvent["type"];
  payload: GatewayEvent;
  /** Counts the event frames of this wire. */
  seq?: number;
}

/** One end of a two-way stream of frames. */
export interface Wire {
  send(frame: Frame): void;
  /** One listener at a time; frames that arrive before it are kept for it. */
  onFrame(listener: (frame: Frame) => void): { dispose(): void };
  onClose(listener: (reason: string) => void): { dispose(): void };
  close(reason?: string): void;
  /** Resolves when what was sent has left, or nearly; absent: nothing piles up. Rejects when the other end reads nothing. */
  drained?(): Promise<void>;
}
