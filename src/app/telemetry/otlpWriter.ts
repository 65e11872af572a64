import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import { describeError, type Log } from "../../base/log.ts";
import { createMeasures, type Measures } from "./otlpMetrics.ts";
import { type Span, toAttributes, toTraces } from "./otlpSpans.ts";

/** Where it goes, as openclaw.yml has it at the moment. */
export interface OtlpTarget {
  endpoint: string;
  headers: Record<string, string>;
}

export interface OtlpWriterOptions {
  /** Undefined: nothing is kept and nothing sent. */
  target: () => OtlpTarget | undefined;
  version: string;
  clock: Clock;
  log: Log;
  fetch?: typeof fetch;
}

/** Sends what happened to an OpenTelemetry collector, a batch at a time. Nobody waits for it. */
export interface OtlpWriter extends Disposable {
  span(span: Span): void;
  measure: Measures["add"];
  /** Sends what is there now. Never rejects. */
  flush(): Promise<void>;
}

const BATCH_MS = 5000;
const MOST_SPANS = 2048;
const TIMEOUT_MS = 10_000;

export function createOtlpWriter({
  target,
  version,
  clock,
  log,
  fetch = globalThis.fetch,
}: OtlpWriterOptions): OtlpWriter {
  const resource = { attributes: toAttributes({ "service.name": "pincer", "service.version": version }) };
  const measures = createMeasures(clock.now());
  let spans: Span[] = [];
  let lost = 0;
  let timer: Disposable | undefined;
  let isDown = false;
  let sending: Promise<void> = Promise.resolve();

  const post = async ({ endpoint, headers }: OtlpTarget, path: string, body: object): Promise<void> => {
    const response = await fetch(`${endpoint.replace(/\/+$/, "")}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`It answered with status ${response.status}`);
  };

  const send = async (): Promise<void> => {
    const to = target();
    const told = spans;
    spans = [];
    const measured = measures.take(clock.now(), resource);
    if (!to) return;
    try {
      if (told.length > 0) await post(to, "/v1/traces", toTraces(told, resource));
      if (measured) await post(to, "/v1/metrics", measured);
      if (isDown) log.info("Telemetry is taken again", { endpoint: to.endpoint, lost });
      isDown = false;
      lost = 0;
    } catch (error) {
      // Told once, not with each batch; what was in this one is lost, so that nothing piles up.
      lost += told.length;
      if (!isDown)
        log.warn("Telemetry could not be sent; it is tried with each batch", {
          endpoint: to.endpoint,
          error: describeError(error),
        });
      isDown = true;
    }
  };

  const flush = (): Promise<void> => {
    timer?.dispose();
    timer = undefined;
    sending = sending.then(send);
    return sending;
  };

  const later = (): void => {
    timer ??= clock.at(clock.now() + BATCH_MS, () => void flush());
  };

  return {
    span(span) {
      if (!target()) return;
      if (spans.length >= MOST_SPANS) lost += 1;
      else spans.push(span);
      later();
    },
    measure(name, value, attributes) {
      if (!target()) return;
      measures.add(name, value, attributes);
      later();
    },
    flush,
    dispose: () => timer?.dispose(),
  };
}
