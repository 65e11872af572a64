import { AppError, toErrorBody } from "../../base/appError.ts";
import type { Core } from "../../core/core.ts";
import type { GatewayEvent } from "../../protocol/event.ts";
import type { Origin } from "../../protocol/message.ts";
import type { Idempotency } from "./idempotency.ts";
import { parseInput } from "../../base/input/parseInput.ts";
import { defined } from "../../base/defined.ts";
import { splitLists } from "./queryInput.ts";
import type { AnyRoute, Call, GatewayControl, Subscriptions } from "./route.ts";
import { checkScope, type Rights } from "./scope.ts";
import { goesOn } from "./goesOn.ts";
import { STATUS_OF } from "./errorStatus.ts";

/** One call of a route, by whatever door it came. */
export interface RouteCall {
  route: AnyRoute;
  /** A JSON value that `checkJson` has passed. */
  input: Record<string, unknown>;
  requestId: string;
  origin: Origin;
  scope: Rights;
  signal: AbortSignal;
  /** From the Idempotency-Key header; the field `idempotencyKey` of the input says the same. */
  idempotencyKey?: string;
  subscriptions?: Subscriptions;
  /** Of a call within one that has an idempotency key: what is put down with what it does. */
  keep?: Call["keep"];
}

/** What was called and how it ended, for the audit log. */
export interface CallRecord {
  requestId: string;
  origin: Origin;
  method: string;
  status: number;
  /** Code of the error, when it was one. */
  code?: string;
  durationMs: number;
  /** As the client gave it: not to be kept unless the user wants it, and never with its secrets. */
  input: unknown;
}

export interface RouteCaller {
  /** The route's output. Rejects with what is to be told instead. */
  call(call: RouteCall): Promise<unknown>;
  /** The route's events; or its output, where that was recorded for the call's idempotency key. */
  stream(call: RouteCall): Promise<{ events: AsyncIterable<GatewayEvent[]> } | { output: unknown }>;
}

export interface RouteCallerOptions {
  core: Core;
  gateway: GatewayControl;
  idempotency: Idempotency;
  onCall?: (record: CallRecord) => void;
}

/** Checks a call's rights and input, runs it once, and tells how it went. */
export function createRouteCaller(options: RouteCallerOptions): RouteCaller {
  const { core, gateway, idempotency } = options;

  const told = async <Result extends { output: unknown }>(
    call: RouteCall,
    work: () => Promise<Result>,
  ): Promise<Result> => {
    const startedAt = core.clock.now();
    const tell = (end: { status: number; code?: string }) => {
      const { requestId, origin, route, input } = call;
      const durationMs = core.clock.now() - startedAt;
      options.onCall?.({ requestId, origin, method: route.name, ...end, durationMs, input });
    };
    try {
      const result = await work();
      tell({ status: call.route.status?.(result.output) ?? 200 });
      return result;
    } catch (error) {
      const { code } = toErrorBody(error);
      tell({ status: STATUS_OF[code], code });
      throw error;
    }
  };

  /** The checked input, and the way to do `work` with it once. */
  const prepare = (call: RouteCall) => {
    const { route, origin, scope, signal, subscriptions, keep = () => [] } = call;
    checkScope(scope, route);
    const { key, fields } = takeKey(call);
    const split = route.verb === "GET" ? splitLists(route.input, fields) : fields;
    const input = parseInput(route.input, route.prepare ? route.prepare(split) : split);
    const routeCall: Call = {
      origin,
      scope,
      signal,
      gateway,
      isRepeat: false,
      keep,
      ...defined({ subscriptions }),
    };
    const once = (work: (call: Call) => Promise<unknown>): Promise<unknown> => {
      if (key === undefined || route.secret || route.verb === "GET") return work(routeCall);
      const goOn = route.goOn?.bind(route);
      return idempotency.once({
        key: `${origin.id ?? origin.via}:${key}`,
        call: [route.name, input],
        signal,
        goesOn: (begun) => goesOn(core, (begun as { runId?: unknown }).runId),
        ...(goOn && {
          goOn: (begun: unknown) => goOn(core, begun, input, routeCall),
          isOngoing: (output: unknown) => route.status?.(output) === 202,
        }),
        work: (toRecord, isRepeat) => work({ ...routeCall, isRepeat, keep: (output) => [toRecord(output)] }),
      });
    };
    return { input, once };
  };

  return {
    async call(call) {
      const { output } = await told(call, async () => {
        const { input, once } = prepare(call);
        return { output: await once((routeCall) => call.route.handle(core, input, routeCall)) };
      });
      return output;
    },
    stream: (call) =>
      told(call, async () => {
        const { input, once } = prepare(call);
        const stream = call.route.stream?.bind(call.route);
        if (!stream) throw new AppError("bad_request", `${call.route.name} has no events to stream`);
        let events: AsyncIterable<GatewayEvent[]> | undefined;
        const output = await once(async (routeCall) => {
          let early: unknown = {};
          const keep = (output: unknown) => {
            early = output;
            return routeCall.keep(output);
          };
          events = await stream(core, input, { ...routeCall, keep });
          return early;
        });
        return events ? { events, output } : { output };
      }),
  };
}

function takeKey({ input, idempotencyKey, route }: RouteCall): {
  key: string | undefined;
  fields: Record<string, unknown>;
} {
  if (route.verb === "GET" || !Object.hasOwn(input, "idempotencyKey"))
    return { key: checkKey(idempotencyKey), fields: input };
  const { idempotencyKey: field, ...fields } = input;
  if (idempotencyKey !== undefined && field !== idempotencyKey) {
    throw new AppError("bad_request", "The Idempotency-Key header and the idempotencyKey field differ");
  }
  return { key: checkKey(field), fields };
}

/** The idempotency key as given; `bad_request` for one that cannot be sent in a header. */
export function checkKey(key: unknown): string | undefined {
  if (key === undefined) return undefined;
  if (typeof key === "string" && /^[\x20-\x7e]{1,255}$/.test(key) && key.trim() !== "") return key;
  const details = [{ path: "idempotencyKey", message: "Expected 1 to 255 visible ASCII characters" }];
  throw new AppError("bad_request", `idempotencyKey: ${details[0]!.message}`, { details });
}
