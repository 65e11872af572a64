import { expect, onTestFinished, test } from "vitest";
import { isAppError } from "../../src/base/appError.ts";
import { defined } from "../../src/base/defined.ts";
import { isRefusal, mayFallBack } from "../../src/core/ports/providerFault.ts";
import type { Fault } from "../fakes/modelTurn.ts";
import { collect, failure, options, request, user } from "./collect.ts";
import { WAYS } from "./kinds.ts";

/** What becomes of a request that is answered with that, whoever is asked and however often. */
async function ending({ kind, model, start, path, fetch }: (typeof WAYS)[number], fault: Fault) {
  const server = await start({ script: () => ({ fault }) });
  onTestFinished(() => server.close());
  const provider = kind.create(options({ baseUrl: server.url + path, ...defined({ fetch }) }));
  const error = await failure(collect(provider, request(model, [user("hi")])));
  if (!isAppError(error)) throw error;
  return { message: error.message, code: error.code, refused: isRefusal(error), fallsBack: mayFallBack(error) };
}

const PASSING = [408, 409, 423, 424, 425, 498, 499];

test.each(WAYS)("$kind.api, $by: a status that passes is an outage", async (way) => {
  for (const status of PASSING) {
    expect(await ending(way, { kind: "status", status, message: "Not now" })).toEqual({
      message: expect.stringMatching(new RegExp(`failed \\(${status}: Not now\\)`)),
      ...{ code: "provider_error", refused: false, fallsBack: true },
    });
  }
});

test.each(WAYS)("$kind.api, $by: a request is refused for what is in it by a few statuses alone", async (way) => {
  for (const [status, refused] of [
    [400, true],
    [405, false],
    [410, false],
    [415, true],
    [422, true],
    [451, false],
  ] as const) {
    expect(await ending(way, { kind: "status", status, message: "Not this" })).toEqual({
      message: expect.stringMatching(new RegExp(`refused the request \\(${status}: Not this\\)`)),
      ...{ code: "provider_error", refused, fallsBack: false },
    });
  }
});

test.each(WAYS)("$kind.api, $by: a moderator's word is not the key's", async (way) => {
  const body = JSON.stringify({
    error: {
      code: 403,
      message: "Your chosen model requires moderation and your input was flagged",
      metadata: { reasons: ["violence"], flagged_input: "hi", provider_name: "X" },
    },
  });
  expect(await ending(way, { kind: "status", status: 403, body })).toEqual({
    message: expect.stringMatching(/refused the request for what it says \(403: Your chosen model .* was flagged\)$/),
    ...{ code: "provider_error", refused: false, fallsBack: false },
  });
});

test.each(WAYS)(
  "$kind.api, $by: a spent balance and a moderator's word are no refusals of the history",
  async (way) => {
    for (const [status, message, told] of [
      [400, "Your credit balance is too low to access the API. Please go to Plans & Billing", "balance or quota"],
      [
        400,
        "You have reached your specified API usage limits. You will regain access on 2026-12-01",
        "balance or quota",
      ],
      [400, "Budget has been exceeded! Current cost: 3000.2, Max budget: 3000.0", "balance or quota"],
      [400, "Access denied, please make sure your account is in good standing.", "balance or quota"],
      [403, "Your newly created team doesn't have any credits or licenses yet.", "balance or quota"],
      [400, "Output blocked by content filtering policy", "for what it says"],
      [400, "The response was filtered due to Azure OpenAI's content management policy.", "for what it says"],
    ] as const) {
      expect(await ending(way, { kind: "status", status, message })).toEqual({
        message: expect.stringContaining(told),
        ...{ code: "provider_error", refused: false, fallsBack: false },
      });
    }
  },
);
