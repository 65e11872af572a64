import { type AttributeValue, toAttributes, toNanos } from "./otlpSpans.ts";
import { nameTable } from "../../base/nameTable.ts";

type Attributes = Record<string, AttributeValue | undefined>;

interface Distribution {
  name: string;
  attributes: Attributes;
  count: number;
  sum: number;
  min: number;
  max: number;
  counts: number[];
}

/** Distributions of what was measured since the last time they were taken. */
export interface Measures {
  add(name: string, value: number, attributes: Attributes): void;
  /** As OTLP over HTTP has them in JSON; undefined when nothing was measured. */
  take(now: number, resource: object): object | undefined;
}

// As the conventions for generative AI have them.
const INSTRUMENTS = nameTable<{ unit: string; bounds: number[] }>({
  "gen_ai.client.token.usage": {
    unit: "{token}",
    bounds: [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304],
  },
  "gen_ai.client.operation.duration": {
    unit: "s",
    bounds: [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92],
  },
  "pincer.hook.duration": { unit: "s", bounds: [0.01, 0.1, 1, 10, 100] },
});

export function createMeasures(startedAt: number): Measures {
  let since = startedAt;
  let all = new Map<string, Distribution>();
  return {
    add(name, value, attributes) {
      const key = JSON.stringify([name, attributes]);
      const { bounds } = INSTRUMENTS[name]!;
      const found = all.get(key) ?? {
        ...{ name, attributes, count: 0, sum: 0, min: value, max: value },
        counts: Array.from({ length: bounds.length + 1 }, () => 0),
      };
      const at = bounds.findIndex((bound) => value <= bound);
      found.counts[at < 0 ? bounds.length : at]! += 1;
      all.set(key, {
        ...found,
        count: found.count + 1,
        sum: found.sum + value,
        min: Math.min(found.min, value),
        max: Math.max(found.max, value),
      });
    },
    take(now, resource) {
      if (all.size === 0) return undefined;
      const times = { startTimeUnixNano: toNanos(since), timeUnixNano: toNanos(now) };
      const metrics = Object.entries(INSTRUMENTS).flatMap(([name, { unit, bounds }]) => {
        const dataPoints = [...all.values()]
          .filter((one) => one.name === name)
          .map(({ attributes, count, sum, min, max, counts }) => ({
            attributes: toAttributes(attributes),
            ...times,
            count: String(count),
            ...{ sum, min, max },
            bucketCounts: counts.map(String),
            explicitBounds: bounds,
          }));
        // 1: what was measured since the last time, so that a gateway that goes away takes nothing along.
        return dataPoints.length > 0 ? [{ name, unit, histogram: { aggregationTemporality: 1, dataPoints } }] : [];
      });
      since = now;
      all = new Map();
      return { resourceMetrics: [{ resource, scopeMetrics: [{ scope: { name: "pincer" }, metrics }] }] };
    },
  };
}
