import { computed, signal } from "@preact/signals";

export interface OpenReply {
  runId: string;
  /** The row it is drawn in, kept by the message that replaces it. */
  key: string;
  text: string;
  thinking: string;
  thinkingSince?: number;
  /** Set once something follows the thinking. */
  thinkingMs?: number;
}

type Delta = { type: "text.delta" | "thinking.delta"; text: string; runId: string; seq: number; at: string };

/** Collects the deltas of the message being written and shows them a frame at a time. */
export function createReplyBuffer() {
  const open = signal<OpenReply | undefined>();
  const settledKeys = new Map<number, string>();
  const thinkingTimes = new Map<number, number>();
  let next: OpenReply | undefined;
  let text: string[] = [];
  let thinking: string[] = [];
  let frame = 0;
  let drawnAt = 0;
  let drawCost = 0;

  function flush(): void {
    frame = 0;
    if (!next) return;
    const start = performance.now();
    // A long open block costs more to draw than a frame has: then wait, so that drawing takes a third of the time at most.
    if (start - drawnAt < drawCost * 3) {
      frame = requestAnimationFrame(flush);
      return;
    }
    open.value = collect();
    queueMicrotask(() => {
      drawnAt = performance.now();
      drawCost = drawnAt - start;
    });
  }

  function collect(): OpenReply | undefined {
    if (!next) return undefined;
    next = { ...next, text: next.text + text.join(""), thinking: next.thinking + thinking.join("") };
    text = [];
    thinking = [];
    return next;
  }

  function clear(): void {
    next = undefined;
    text = [];
    thinking = [];
    open.value = undefined;
  }

  return {
    open,
    /** Changes when a message begins and ends, not with each delta. */
    key: computed(() => open.value?.key),
    add(delta: Delta) {
      const at = Date.parse(delta.at);
      if (next?.runId !== delta.runId) {
        clear();
        next = { runId: delta.runId, key: `reply-${delta.seq}`, text: "", thinking: "" };
        drawnAt = drawCost = 0;
        // The row appears at once, so that the wait for the first words ends when they arrive.
        open.value = next;
      }
      if (delta.type === "thinking.delta") {
        next.thinkingSince ??= at;
        thinking.push(delta.text);
      } else {
        if (next.thinkingSince !== undefined) next.thinkingMs ??= at - next.thinkingSince;
        text.push(delta.text);
      }
      if (frame === 0) frame = requestAnimationFrame(flush);
    },
    /** The stored message takes over: it is drawn in the same row. */
    settle(runId: string, seq: number) {
      if (next?.runId !== runId) return;
      settledKeys.set(seq, next.key);
      if (next.thinkingMs !== undefined) thinkingTimes.set(seq, next.thinkingMs);
      clear();
    },
    /** What this run was writing is void; that of others is not. */
    end(runId: string) {
      if (next?.runId === runId) clear();
    },
    clear,
    keyOf: (seq: number): string => settledKeys.get(seq) ?? `message-${seq}`,
    thinkingMsOf: (seq: number): number | undefined => thinkingTimes.get(seq),
  };
}
