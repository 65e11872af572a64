import * as z from "zod";
import { defined } from "../../../base/defined.ts";
import { toldSession } from "../../../core/state/toldSession.ts";
import { sessionKey, sessionShape } from "../../../protocol/session.ts";
import { defineRoute } from "../../calls/route.ts";

const place = z.int().min(0);

export const sessionsSearch = defineRoute({
  name: "sessions.search",
  verb: "GET",
  scope: "read",
  summary:
    "Finds what users and assistants wrote: messages with every word of the query, and sessions whose title or key has them; newest sessions first.",
  input: z.strictObject({
    query: z
      .string()
      .regex(/\S/, "Expected words to look for")
      .max(500)
      .describe("Words, and phrases in double quotes. Case and accents make no difference; nothing is an operator."),
    limit: z.int().min(1).max(100).default(20).describe("Most sessions; with `sessionKey`, most messages."),
    sessionKey: sessionKey
      .optional()
      .describe("Only in this session: all of its messages with the words, newest first."),
    before: z
      .int()
      .min(1)
      .optional()
      .describe("With `sessionKey`: only messages with a lower seq, for the page before."),
    cursor: z.string().min(1).max(500).optional().describe("`nextCursor` of the page before."),
  }),
  output: z.strictObject({
    count: z.int().min(0),
    results: z.array(
      z.strictObject({
        session: sessionShape,
        matchCount: place.describe("How many of its messages; 0 where only the title or the key has the words."),
        matches: z
          .array(
            z.strictObject({
              seq: place,
              role: z.enum(["user", "assistant"]),
              createdAt: z.string(),
              snippet: z.string().describe("One line around what was found."),
              highlights: z
                .array(z.strictObject({ start: place, end: place }))
                .describe("Where in the snippet the words stand, in UTF-16 units: from, and up to but not including."),
            }),
          )
          .describe("The newest of them, newest first."),
      }),
    ),
    nextCursor: z.string().optional(),
  }),
  async handle(core, { query, before, cursor, sessionKey: key, limit }) {
    const page = await core.sessions.search({ text: query, limit, ...defined({ before, cursor, sessionKey: key }) });
    const results = page.found.map(({ session, ...found }) => ({ session: toldSession(session), ...found }));
    return { count: results.length, results, ...defined({ nextCursor: page.nextCursor }) };
  },
});
