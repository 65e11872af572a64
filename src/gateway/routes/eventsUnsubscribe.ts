import * as z from "zod";
import { AppError } from "../../base/appError.ts";
import { defineRoute } from "../route.ts";

export const eventsUnsubscribe = defineRoute({
  name: "events.unsubscribe",
  http: "none",
  verb: "POST",
  scope: "read",
  summary: "Ends a subscription of this wire.",
  input: z.strictObject({ subscriptionId: z.string().min(1).max(200) }),
  output: z.strictObject({ subscriptionId: z.string() }),
  async handle(_core, { subscriptionId }, call) {
    if (!call.subscriptions?.remove(subscriptionId))
      throw new AppError("not_found", `This wire has no subscription ${JSON.stringify(subscriptionId)}`);
    return { subscriptionId };
  },
});
