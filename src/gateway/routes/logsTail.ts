import * as z from "zod";
import { LOG_LEVELS } from "../../base/logTail.ts";
import { AppError } from "../../base/appError.ts";
import { defineRoute } from "../route.ts";

export const logsTail = defineRoute({
  name: "logs.tail",
  verb: "GET",
  scope: "admin",
  summary: "The newest lines of the gateway's log, oldest first, with every secret removed.",
  input: z.strictObject({
    lines: z.int().min(1).max(1000).default(100),
    level: z.enum(LOG_LEVELS).optional().describe("Only lines of this level and above."),
  }),
  output: z.strictObject({
    count: z.int(),
    lines: z.array(
      z.strictObject({
        time: z.string(),
        level: z.enum(LOG_LEVELS),
        message: z.string(),
        fields: z.record(z.string(), z.unknown()).optional(),
      }),
    ),
  }),
  async handle(_core, input, { gateway }) {
    if (!gateway.logs) throw new AppError("unavailable", "This gateway keeps no log");
    const lines = gateway.logs.tail(input.lines, input.level);
    return { count: lines.length, lines };
  },
});
