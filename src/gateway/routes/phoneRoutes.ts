import * as z from "zod";
import { AppError } from "../../base/appError.ts";
import { pendingPhoneShape, phoneScopeShape, phoneShape } from "../../protocol/outside/phone.ts";
import { originName } from "../calls/originName.ts";
import { type Call, defineRoute } from "../calls/route.ts";
import { isPhone } from "../calls/scope.ts";

export const phonesPair = defineRoute({
  name: "phones.pair",
  verb: "POST",
  // Whoever comes in by the code answers approvals.
  scope: "admin",
  secret: true,
  summary:
    "A code that lets one phone in, once, within ten minutes; three may wait, and five wrong ones make all void. 503 while `gateway.remote` is off.",
  input: z.strictObject({
    send: z.boolean().default(false).describe("Whether the phone may also write to sessions and steer them."),
  }),
  output: z.strictObject({
    code: z.string().describe("Eight letters."),
    expiresAt: z.string(),
    scopes: z.array(phoneScopeShape),
    urls: z
      .array(z.string())
      .describe(
        "The page with the code behind `#`, which is sent nowhere: as phones may reach it, the likeliest first.",
      ),
    selfSigned: z
      .boolean()
      .describe(
        "Whether nobody else has signed the page's certificate: phones warn of it, and let the page neither be installed nor be told of anything.",
      ),
  }),
  async handle(_core, { send }, { origin, gateway }) {
    const { urls, ...offered } = await gateway.phones.offer({ send, by: originName(origin) });
    return { ...offered, urls: urls.map((url) => `${url}#${offered.code}`) };
  },
});

export const phonesList = defineRoute({
  name: "phones.list",
  verb: "GET",
  scope: "read",
  summary: "The phones that are paired, and the codes that wait for theirs.",
  input: z.strictObject({}),
  output: z.strictObject({
    on: z.boolean().describe("Whether the page for phones is served."),
    count: z.int(),
    phones: z.array(phoneShape),
    pending: z.array(pendingPhoneShape),
  }),
  async handle(_core, _input, { gateway }) {
    const { phones, pending } = await gateway.phones.list();
    return { on: gateway.phones.isOn(), count: phones.length, phones, pending };
  },
});

export const phonesRemove = defineRoute({
  name: "phones.remove",
  verb: "POST",
  scope: "admin",
  summary: "Takes a phone's token back, so that what it holds open ends; or makes a code void that waits.",
  input: z.strictObject({ id: z.string().min(1).max(100) }),
  output: z.strictObject({ id: z.string() }),
  async handle(_core, { id }, { gateway }) {
    await gateway.phones.remove(id);
    return { id };
  },
});

export const phonesSelf = defineRoute({
  name: "phones.self",
  verb: "GET",
  scope: "admin",
  phone: "read",
  summary: "To a phone: which one it is, and what it may do.",
  input: z.strictObject({}),
  output: z.strictObject({
    phone: phoneShape,
    version: z.string().describe("Of the program: a page that came from another one loads itself anew."),
    pushKey: z
      .string()
      .nullable()
      .describe(
        "What its page subscribes with, to be told of what waits: a VAPID key, in base64url. null: the gateway cannot read its keys.",
      ),
  }),
  async handle(_core, _input, call) {
    const { phones, status } = call.gateway;
    const { version } = status();
    return { phone: await phones.get(phoneOf(call)), version, pushKey: await phones.pushKey() };
  },
});

export const phonesSubscribe = defineRoute({
  name: "phones.subscribe",
  verb: "POST",
  scope: "admin",
  phone: "read",
  summary:
    "A phone is told from now on when something waits: by the endpoint that its browser gave it, which must be https on the public internet, and sealed for its page alone. Another takes the place of the one before.",
  input: z.strictObject({
    endpoint: z.url({ protocol: /^https$/ }).max(1000),
    keys: z.strictObject({ p256dh: z.base64url().length(87), auth: z.base64url().length(22) }),
  }),
  output: z.strictObject({ push: z.literal(true) }),
  async handle(_core, target, call) {
    await call.gateway.phones.subscribe(phoneOf(call), target);
    return { push: true as const };
  },
});

export const phonesUnsubscribe = defineRoute({
  name: "phones.unsubscribe",
  verb: "POST",
  scope: "admin",
  phone: "read",
  summary: "A phone is told of nothing any more while its page is not open.",
  input: z.strictObject({}),
  output: z.strictObject({ push: z.literal(false) }),
  async handle(_core, _input, call) {
    await call.gateway.phones.subscribe(phoneOf(call), null);
    return { push: false as const };
  },
});

export const phonesLeave = defineRoute({
  name: "phones.leave",
  verb: "POST",
  scope: "admin",
  phone: "read",
  farewell: true,
  summary: "A phone gives its token back.",
  input: z.strictObject({}),
  output: z.strictObject({ id: z.string() }),
  async handle(_core, _input, call) {
    const id = phoneOf(call);
    await call.gateway.phones.remove(id);
    return { id };
  },
});

function phoneOf({ scope }: Call): string {
  if (!isPhone(scope)) throw new AppError("bad_request", "Only a paired phone asks this, with its own token");
  return scope.phone;
}
