import * as z from "zod";
import { deliveryAnswerShape, listedHookShape } from "../../protocol/hooks/hook.ts";
import { defineRoute } from "../calls/route.ts";

export const hooksList = defineRoute({
  name: "hooks.list",
  verb: "GET",
  scope: "read",
  summary: "The webhooks of the configuration, without their secrets.",
  input: z.strictObject({}),
  output: z.strictObject({ count: z.int(), hooks: z.array(listedHookShape) }),
  async handle(_core, _input, { gateway }) {
    const hooks = gateway.hooks.list();
    return { count: hooks.length, hooks };
  },
});

export const hooksTest = defineRoute({
  name: "hooks.test",
  verb: "POST",
  scope: "admin",
  summary: "What a webhook makes of a payload; with `send`, it does it, as if that had been delivered.",
  input: z.strictObject({
    name: z.string().min(1).max(100),
    payload: z.unknown().optional().describe("What is sent; {} by default."),
    send: z.boolean().default(false).describe("Whether it is really done."),
  }),
  output: z.strictObject({
    hook: listedHookShape,
    text: z.string().nullable().describe("What the model would read; null of one that fires a job."),
    missing: z.array(z.string()).describe("What it would put in, and the payload has not."),
    delivery: deliveryAnswerShape.nullable().describe("What came of it, when it was done."),
  }),
  handle: (_core, { name, payload = {}, send }, { gateway, keep }) => gateway.hooks.test(name, { payload, send }, keep),
});
