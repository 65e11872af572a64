import { createHash } from "node:crypto";

export type AttributeValue = string | number | boolean;

/** Something that took time, in the words of OpenTelemetry's conventions for generative AI. */
export interface Span {
  /** Names it, and what is below it, always alike: 16 digits in hex come of it. */
  id: string;
  /** What it is part of. */
  parent?: string;
  /** What all that belongs together has in common: the run that began it. */
  trace: string;
  name: string;
  kind: "internal" | "client";
  /** Milliseconds since 1970. */
  startMs: number;
  endMs: number;
  attributes: Record<string, AttributeValue | undefined>;
  error?: string;
}

const KINDS = { internal: 1, client: 3 };

/** Spans as OTLP over HTTP has them in JSON. */
export function toTraces(spans: Span[], resource: object): object {
  const told = spans.map(({ id, parent, trace, name, kind, startMs, endMs, attributes, error }) => ({
    traceId: digest(trace, 32),
    spanId: digest(id, 16),
    ...(parent === undefined ? {} : { parentSpanId: digest(parent, 16) }),
    name,
    kind: KINDS[kind],
    startTimeUnixNano: toNanos(startMs),
    endTimeUnixNano: toNanos(Math.max(startMs, endMs)),
    attributes: toAttributes(attributes),
    status: error === undefined ? {} : { code: 2, message: error },
  }));
  return { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: "pincer" }, spans: told }] }] };
}

export function toAttributes(attributes: Record<string, AttributeValue | undefined>): object[] {
  return Object.entries(attributes).flatMap(([key, value]): object[] => {
    if (value === undefined) return [];
    if (typeof value === "string") return [{ key, value: { stringValue: value } }];
    if (typeof value === "boolean") return [{ key, value: { boolValue: value } }];
    return [{ key, value: Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value } }];
  });
}

/** Nanoseconds are beyond what a number holds exactly. */
export function toNanos(ms: number): string {
  return `${Math.floor(ms)}000000`;
}

function digest(text: string, digits: number): string {
  return createHash("sha256").update(text).digest("hex").slice(0, digits);
}
