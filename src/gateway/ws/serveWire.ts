import { AppError, isAppError, toErrorBody } from "../../base/appError.ts";
import { type Disposable, toDisposable } from "../../base/disposable.ts";
import { newRequestId } from "../../base/id.ts";
import { describeError, type Log } from "../../base/log.ts";
import type { Frame, Wire } from "../../protocol/frame.ts";
import type { Origin } from "../../protocol/message.ts";
import { checkJson } from "../calls/jsonValue.ts";
import type { AnyRoute } from "../calls/route.ts";
import type { Rights } from "../calls/scope.ts";
import type { RouteCaller } from "../calls/routeCaller.ts";
import { createSubscriptions } from "./subscriptions.ts";

export interface WireContext extends WirePeer {
  caller: RouteCaller;
  routes: ReadonlyMap<string, AnyRoute>;
  log: Log;
  /** Somebody is there who is told of approvals and may answer them. */
  come?: () => Disposable;
}

/** Who is at the other end of a wire. */
export interface WirePeer {
  /** Provenance; what it may do is the scope. */
  origin: Origin;
  scope: Rights;
  /** Throws when its token has died or may make no more requests for now; absent: it needs none. */
  checkToken?: () => void;
}

// Calls of one wire under way at once.
const MOST_CALLS = 256;

/** Serves a wire's requests until it closes: calls routes by their names, and sends subscribed events. */
export function serveWire(wire: Wire, context: WireContext): Disposable {
  const { caller, routes, log } = context;
  const closed = new AbortController();
  const subscriptions = createSubscriptions(wire, closed.signal, log);
  let there: Disposable | undefined;
  const underWay = new Set<string>();

  const respond = async (id: string, frame: Record<string, unknown>): Promise<void> => {
    const requestId = newRequestId();
    try {
      context.checkToken?.();
      const payload = await caller.call({
        route: routeOf(routes, frame.method),
        input: toInput(frame.params),
        requestId,
        origin: context.origin,
        scope: context.scope,
        signal: closed.signal,
        subscriptions,
      });
      wire.send({ type: "res", id, ok: true, payload });
    } catch (error) {
      if (!isAppError(error))
        log.error("A call failed", { requestId, method: frame.method, error: describeError(error) });
      wire.send({ type: "res", id, ok: false, error: toErrorBody(error, requestId) });
    }
  };

  const onFrame = wire.onFrame((given: Frame) => {
    // What comes from the other end has the form of a frame only by agreement.
    const frame = given as unknown as Record<string, unknown>;
    const id = toFrameId(frame);
    const refusal = refuse(frame, id, underWay);
    if (refusal) {
      wire.send({ type: "res", id: id ?? "", ok: false, error: toErrorBody(refusal) });
      return;
    }
    underWay.add(id!);
    void respond(id!, frame).finally(() => {
      underWay.delete(id!);
      // After the response, so that a subscriber knows what the events belong to.
      subscriptions.start();
      // Who is told and may answer is there to be asked.
      if (context.scope === "admin" && subscriptions.isAny() && !closed.signal.aborted) there ??= context.come?.();
    });
  });
  const stop = toDisposable(() => {
    onFrame.dispose();
    closed.abort("the wire closed");
    there?.dispose();
  });
  wire.onClose(() => stop.dispose());
  return stop;
}

function toFrameId(frame: unknown): string | undefined {
  const id = typeof frame === "object" && frame !== null && "id" in frame ? frame.id : undefined;
  return typeof id === "string" && id.length > 0 && id.length <= 200 ? id : undefined;
}

function refuse(
  frame: Record<string, unknown>,
  id: string | undefined,
  underWay: ReadonlySet<string>,
): AppError | undefined {
  if (typeof frame !== "object" || frame === null || frame.type !== "req" || id === undefined) {
    return new AppError("bad_request", 'Expected a frame {type: "req", id, method, params}');
  }
  if (underWay.has(id)) return new AppError("bad_request", "A request with this id is under way");
  if (underWay.size >= MOST_CALLS)
    return new AppError("rate_limited", `More than ${MOST_CALLS} requests are under way`, { retryAfterMs: 1000 });
  return undefined;
}

function routeOf(routes: ReadonlyMap<string, AnyRoute>, method: unknown): AnyRoute {
  if (typeof method !== "string")
    throw new AppError("bad_request", "method: Expected a string", {
      details: [{ path: "method", message: "Expected a string" }],
    });
  const route = routes.get(method);
  if (!route)
    throw new AppError("not_found", `There is no method ${JSON.stringify(method.slice(0, 100).toWellFormed())}`);
  return route;
}

function toInput(params: unknown): Record<string, unknown> {
  if (params === undefined || params === null) return {};
  if (typeof params !== "object" || Array.isArray(params)) {
    throw new AppError("bad_request", "params: Expected an object", {
      details: [{ path: "params", message: "Expected an object" }],
    });
  }
  checkJson(params);
  return params as Record<string, unknown>;
}
