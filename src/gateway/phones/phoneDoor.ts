import * as z from "zod";
import { AppError } from "../../base/appError.ts";
import type { Clock } from "../../base/clock.ts";
import { parseInput } from "../../base/input/parseInput.ts";
import { toAddressKey } from "../../net/loopback.ts";
import { createAttempts } from "../auth/attempts.ts";
import type { PhoneDesk } from "../calls/phoneDesk.ts";
import { readJsonBody } from "../http/body.ts";
import type { Endpoint } from "../http/endpoint.ts";

export const PHONE_DOOR = "/phone/pair";

const shape = z.strictObject({ code: z.string().min(1).max(40), name: z.string().max(100).default("") });

/** POST /phone/pair: a code for a token, without one. Only JSON is taken, which no other site's form can send. */
export function createPhoneDoor(phones: PhoneDesk, clock: Clock): Endpoint {
  const attempts = createAttempts(clock);
  return {
    path: PHONE_DOOR,
    name: "phone.pair",
    verbs: ["POST"],
    admit: () => demandOn(phones, PHONE_DOOR),
    async handle(exchange) {
      // Addresses end up in logs, and so would a code that stands in them.
      if (exchange.query !== "") throw new AppError("bad_request", "The code stands in the body, and in no query");
      const attempt = attempts.begin(toAddressKey(exchange.request.socket.remoteAddress ?? ""));
      if (attempt.retryAfterMs > 0)
        throw new AppError("rate_limited", "Too many wrong codes came from this address", attempt);
      const { code, name } = parseInput(shape, (await readJsonBody(exchange)) ?? {});
      // A body may come long after its head was let in.
      demandOn(phones, PHONE_DOOR);
      const { phone, token } = await phones.enter(code, name);
      attempt.forgive();
      exchange.origin = { via: "phone", id: phone.id };
      exchange.detail = phone.id;
      return { body: { token, phone } };
    },
  };
}

/** `not_found`, as where there is no such path. */
export function demandOn(phones: Pick<PhoneDesk, "isOn">, path: string): void {
  if (!phones.isOn()) throw new AppError("not_found", `There is nothing at ${path}`);
}
