import { AppError, isAppError, toErrorBody } from "../../base/appError.ts";
import { describeError } from "../../base/log.ts";
import type { Core } from "../../core/core.ts";
import type { ErrorBody } from "../../protocol/error.ts";
import type { GatewayEvent } from "../../protocol/event.ts";
import type { Origin } from "../../protocol/message.ts";
import type { Answer, Idempotency } from "./idempotency.ts";
import { parseInput } from "../../base/parseInput.ts";
import { splitLists } from "./queryInput.ts";
import type { AnyRoute, Call, GatewayControl, Subscriptions } from "./route.ts";
import { checkScope, type Scope } from "./scope.ts";
import { STATUS_OF } from "./errorStatus.ts";

/** One call of a route, by whatever door it came. */
export interface RouteCall {
  route: AnyRoute;
  /** A JSON value that `checkJson` has passed. */
  input: Record<string, unknown>;
  requestId: string;
  origin: Origin;
  scope: Scope;
  signal: AbortSignal;
  /** From the Idempotency-Key header; the field `idempotencyKey` of the input says the same. */
  idempotencyKey?: string;
  subscriptions?: Subscriptions;
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
  /** Never rejects: an error is an answer, with `{error}` as its body. */
  call(call: RouteCall): Promise<Answer>;
  /** The route's events; or an answer, when there is an error or a kept one. */
  stream(call: RouteCall): Promise<{ events: AsyncIterable<GatewayEvent> } | { answer: Answer }>;
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

  const answered = async (call: RouteCall, work: () => Promise<Answer>): Promise<Answer> => {
    const startedAt = core.clock.now();
    const answer = await work().catch((error: unknown) => toErrorAnswer(error, call));
    const { requestId, origin, route } = call;
    options.onCall?.({
      requestId,
      origin,
      method: route.name,
      status: answer.status,
      ...codeOf(answer),
      durationMs: core.clock.now() - startedAt,
      input: call.input,
    });
    return answer;
  };

  const toErrorAnswer = (error: unknown, { requestId, route }: RouteCall): Answer => {
    if (!isAppError(error))
      core.log.error("A call failed", { requestId, method: route.name, error: describeError(error) });
    const body = toErrorBody(error, requestId);
    return { status: STATUS_OF[body.code], body: { error: body } };
  };

  /** The checked input, and the way to do `work` with it once. */
  const prepare = (call: RouteCall) => {
    const { route, origin, scope, signal, subscriptions } = call;
    checkScope(scope, route.scope);
    const { key, fields } = takeKey(call);
    const split = route.verb === "GET" ? splitLists(route.input, fields) : fields;
    const input = parseInput(route.input, route.prepare ? route.prepare(split) : split);
    const routeCall: Call = {
      origin,
      scope,
      signal,
      gateway,
      keep: () => [],
      ...(subscriptions ? { subscriptions } : {}),
    };
    const once = (work: (call: Call) => Promise<Answer>): Promise<Answer> => {
      if (key === undefined || route.secret || route.verb === "GET") return work(routeCall);
      return idempotency.once({
        key: `${origin.id ?? origin.via}:${key}`,
        call: [route.name, input],
        signal,
        // Errors are answers here, since those of the client's making are kept as well.
        work: (toKept) =>
          work({ ...routeCall, keep: (body) => [toKept({ status: 202, body })] }).catch((error: unknown) => {
            if (isAppError(error)) return toErrorAnswer(error, call);
            throw error;
          }),
      });
    };
    return { input, once };
  };

  return {
    call: (call) =>
      answered(call, async () => {
        const { input, once } = prepare(call);
        return once(async (routeCall) => {
          const body = await call.route.handle(core, input, routeCall);
          return { status: call.route.status?.(body) ?? 200, body };
        });
      }),
    async stream(call) {
      const { route } = call;
      let events: AsyncIterable<GatewayEvent> | undefined;
      const answer = await answered(call, async () => {
        const { input, once } = prepare(call);
        if (!route.stream) throw new AppError("bad_request", `${route.name} has no events to stream`);
        const stream = route.stream.bind(route);
        return once(async (routeCall) => {
          let kept: unknown = {};
          const keep = (body: unknown) => {
            kept = body;
            return routeCall.keep(body);
          };
          events = await stream(core, input, { ...routeCall, keep });
          return { status: 202, body: kept };
        });
      });
      return events ? { events } : { answer };
    },
  };
}

function codeOf({ status, body }: Answer): { code?: string } {
  return status < 400 ? {} : { code: (body as { error: ErrorBody }).error.code };
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
