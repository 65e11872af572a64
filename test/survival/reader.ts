import { setTimeout as sleep } from "node:timers/promises";
import type { GatewayEvent, RunEvent } from "../../src/protocol/event.ts";
import { isRunEvent } from "../../src/protocol/eventKind.ts";
import type { WorkerBench } from "./workerBench.ts";

/** Follows all events over every change of who leads, as a client does that resumes after the last it has seen. */
export interface Reader {
  events: RunEvent[];
  /** Cuts its line; it comes back by itself. */
  cut(): void;
  close(): Promise<void>;
}

export function createReader(bench: WorkerBench): Reader {
  const events: RunEvent[] = [];
  const over = new AbortController();
  let line = new AbortController();
  let place: string | undefined;

  const read = async (): Promise<void> => {
    const { url, token } = await bench.leader();
    line = new AbortController();
    const answer = await fetch(`${url}/api/events`, {
      headers: { authorization: `Bearer ${token}`, "last-event-id": place ?? "0" },
      signal: AbortSignal.any([line.signal, over.signal]),
    });
    if (!answer.ok || !answer.body) throw new Error(`${answer.status}`);
    let text = "";
    for await (const piece of answer.body.pipeThrough(new TextDecoderStream())) {
      text += piece;
      for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
        take(text.slice(0, end));
        text = text.slice(end + 2);
      }
    }
  };

  const take = (block: string): void => {
    const field = (name: string) => new RegExp(`^${name}: ?(.*)$`, "m").exec(block)?.[1];
    const data = field("data");
    if (data === undefined) return;
    place = field("id") ?? place;
    const event = JSON.parse(data) as GatewayEvent;
    if (isRunEvent(event)) events.push(event);
  };

  const reading = (async () => {
    while (!over.signal.aborted) {
      await read().catch(() => {});
      // Not by the gateway's own advice: a reader that is away for long is told no less.
      if (!over.signal.aborted) await sleep(30);
    }
  })();
  return {
    events,
    cut: () => line.abort(),
    async close() {
      over.abort();
      await reading;
    },
  };
}
