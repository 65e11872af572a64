import { createHash } from "node:crypto";
import { AppError } from "../../base/appError.ts";
import type { Core } from "../../core/core.ts";
import type { Hook } from "../../protocol/hooks/hook.ts";
import type { Idempotency } from "../calls/idempotency.ts";
import { readBody } from "../http/body.ts";
import { type Endpoint, type Exchange, nameBelow } from "../http/endpoint.ts";
import { deliveryKeys } from "./deliveryKeys.ts";
import { createHookGate, type NamedHook } from "./hookGate.ts";
import { refused } from "./hookProof.ts";
import { isPayloadType, readPayload } from "./readPayload.ts";
import { type Keep, type Performed, performHook } from "./performHook.ts";

export interface HookDoorOptions {
  core: Core;
  idempotency: Idempotency;
  /** The webhooks by name, as the configuration has them now. */
  hooks: () => Record<string, Hook>;
}

export const HOOKS = "/hooks";

/** POST /hooks/NAME: what others send to the webhooks of the configuration. Tokens of the gateway open none of them. */
export function createHookDoor({ core, idempotency, hooks }: HookDoorOptions): Endpoint {
  const gate = createHookGate(core.clock);
  const named = (path: string): NamedHook | undefined => hookAt(hooks(), path);
  return {
    path: HOOKS,
    takesName: true,
    name: "hooks",
    verbs: ["POST"],
    admit: (arrival) => gate.admit(named(arrival.path), arrival),
    takes: isPayloadType,
    async handle(exchange) {
      // Addresses end up in logs of proxies, and so would what stands in them.
      if (exchange.query !== "")
        throw new AppError("bad_request", "A webhook takes its token in a header, and no query");
      const name = nameBelow(exchange, HOOKS);
      exchange.detail = name;
      exchange.origin = { via: "webhook", id: name };
      const body = await readBody(exchange.request);
      // A body may come long after its head was let in: it is the webhook that it is by now.
      const hook = named(exchange.path);
      if (!hook) throw refused();
      gate.verify(hook, body, { ...exchange, remoteAddress: exchange.request.socket.remoteAddress ?? "" });
      const payload = (exchange.input = readPayload(body, exchange.headers));
      const keys = deliveryKeys(hook, { headers: exchange.headers, body, payload });
      const { answer, ignored } = await once(idempotency, keys, toCall(hook, exchange, body), exchange.signal, (keep) =>
        performHook(core, hook, payload, keep),
      );
      if (ignored.length > 0) exchange.replyHeaders["X-Pincer-Ignored"] = ignored.join(", ");
      return { status: 202, body: answer };
    },
  };
}

/** The webhook of a path; own names only. */
function hookAt(hooks: Record<string, Hook>, path: string): NamedHook | undefined {
  const name = path.startsWith(`${HOOKS}/`) ? nameBelow({ path }, HOOKS) : "";
  const hook = Object.hasOwn(hooks, name) ? hooks[name] : undefined;
  return hook && { name, hook };
}

/**
 * A delivery is the same by its id, whatever else it says; a client's own key with another body is a `conflict`. Of one that
 * is signed a key counts for its body alone, and what is signed is a repeat whatever keys it comes with.
 */
function toCall({ name, hook }: NamedHook, { headers }: Exchange, body: Buffer): unknown {
  const isOwnKey = headers.has("idempotency-key") || headers.has("x-openclaw-idempotency-key");
  const isClients = !hook.hmac && hook.deliveryId === undefined && isOwnKey && !headers.has("x-github-delivery");
  return [HOOKS, name, isClients ? createHash("sha256").update(body).digest("hex") : ""];
}

/** Does it unless any of the keys was there before: then what came of it is answered once more. */
function once(
  idempotency: Idempotency,
  [key, ...more]: string[],
  call: unknown,
  signal: AbortSignal,
  work: (keep: Keep) => Promise<Performed>,
): Promise<Performed> {
  if (key === undefined) return work(() => []);
  return idempotency.once({
    key,
    call,
    signal,
    forgetsFailures: true,
    work: (toRecord) =>
      once(idempotency, more, call, signal, (keep) =>
        work((answer) => [toRecord({ answer, ignored: [] }), ...keep(answer)]),
      ),
  });
}
