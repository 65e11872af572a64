import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import type { RunFact } from "../../protocol/event.ts";
import type { EventSource } from "../ports/batch.ts";

/** What is told and not stored, after the stored event `baseId`. */
export interface Delta {
  source: EventSource;
  fact: RunFact;
  baseId: number;
}

/**
 * Makes of many small deltas of a run fewer and longer ones. The first is told at once; those that come within 20 ms of it
 * are told together, and so on for as long as they come. Where more than 200 are told, the time is longer, as long for each
 * of them. No character is lost or told in another order.
 */
export interface DeltaJoiner {
  add(delta: Delta): void;
  /** Tells now what waits of the run, because something else of it is about to be told. */
  flush(runId: string): void;
  close(): void;
}

const WINDOW_MS = 20;
const WINDOW_MS_EACH = 0.1;
/** So much text is not kept back, however fast it comes. */
const MOST_CHARS = 16 * 1024;

export function createDeltaJoiner(options: {
  clock: Clock;
  tell: (delta: Delta) => void;
  /** How many are told of it. */
  readers: () => number;
}): DeltaJoiner {
  const { clock, tell, readers } = options;
  // The runs that told something in this window, and what they keep back. One timer for all, so that a reader of many runs is woken once.
  const open = new Map<string, Delta[]>();
  let timer: Disposable | undefined;

  const stopWhenIdle = () => {
    if (open.size > 0) return;
    timer?.dispose();
    timer = undefined;
  };

  const nextWindow = () => {
    timer = clock.at(clock.now() + Math.max(WINDOW_MS, readers() * WINDOW_MS_EACH), () => {
      timer = undefined;
      for (const [runId, waiting] of [...open]) {
        if (waiting.length === 0) open.delete(runId);
        else open.set(runId, []);
        waiting.forEach(tell);
      }
      if (open.size > 0 && !timer) nextWindow();
    });
  };

  return {
    add(delta) {
      const { runId } = delta.source;
      const waiting = open.get(runId);
      if (!waiting) {
        open.set(runId, []);
        if (!timer) nextWindow();
        tell(delta);
        return;
      }
      const before = partner(waiting, delta.fact);
      // After another stored event it is of another answer.
      if (before?.baseId === delta.baseId) before.fact = joined(before.fact, delta.fact);
      else waiting.push({ ...delta });
      if (charsOf(waiting) > MOST_CHARS) for (const whole of waiting.splice(0)) tell(whole);
    },
    flush(runId) {
      const waiting = open.get(runId);
      if (!waiting) return;
      open.delete(runId);
      stopWhenIdle();
      waiting.forEach(tell);
    },
    close() {
      open.clear();
      stopWhenIdle();
    },
  };
}

/** What a fact may be added to: text goes on where it stopped, the output of a tool call wherever it stands. */
function partner(waiting: Delta[], fact: RunFact): Delta | undefined {
  if (fact.type === "tool.progress")
    return waiting.find((other) => other.fact.type === fact.type && other.fact.callId === fact.callId);
  const last = waiting.at(-1);
  return last?.fact.type === fact.type && (fact.type === "text.delta" || fact.type === "thinking.delta")
    ? last
    : undefined;
}

function joined(before: RunFact, after: RunFact): RunFact {
  return { ...before, text: textOf(before) + textOf(after) } as RunFact;
}

function charsOf(waiting: Delta[]): number {
  return waiting.reduce((sum, { fact }) => sum + textOf(fact).length, 0);
}

function textOf(fact: RunFact): string {
  return "text" in fact ? fact.text : "";
}
