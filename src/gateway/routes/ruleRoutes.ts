import { isDeepStrictEqual } from "node:util";
import * as z from "zod";
import { isAppError } from "../../base/appError.ts";
import type { AuditRecord } from "../../protocol/audit.ts";
import { ruleShape } from "../../protocol/rule.ts";
import { sessionKey } from "../../protocol/session.ts";
import { ruleWords } from "../../rules/coverage.ts";
import { ruleSchema } from "../../rules/ruleSchema.ts";
import { defineRoute } from "../calls/route.ts";
import { defined } from "../../base/defined.ts";

// Of the audit log: what a rule let through before is not told.
const LOOKED_AT = 1000;

const heldRule = z.strictObject({
  from: z
    .enum(["configuration", "session", "job"])
    .describe("openclaw.yml; what was allowed for a session, in the process that leads; or the grants of a job."),
  rule: ruleShape,
  words: z.string(),
  sessionKey: z.string().optional(),
  job: z.strictObject({ id: z.string(), name: z.string() }).optional(),
  last: z
    .strictObject({ at: z.string(), what: z.string(), sessionKey: z.string().optional() })
    .nullable()
    .describe("The tool that it let run last, as the audit log has it."),
});

export const rulesList = defineRoute({
  name: "rules.list",
  verb: "GET",
  scope: "read",
  summary: "What may be done unasked or is refused, by which rule, and what each let through last.",
  input: z.strictObject({}),
  output: z.strictObject({ count: z.int(), rules: z.array(heldRule) }),
  async handle(core, _input, { gateway }) {
    const jobs = await core.jobs.list();
    const { records = [] } = (await gateway.audit?.list({ limit: LOOKED_AT, kind: "tool" })) ?? {};
    const held = [
      ...(core.settings().rules ?? []).map((rule) => ({ from: "configuration" as const, rule })),
      ...core.approvals.allowances().map((one) => ({ from: "session" as const, ...one })),
      ...jobs.flatMap(({ id, name, grants = [] }) =>
        grants.map((rule) => ({ from: "job" as const, rule, job: { id, name } })),
      ),
    ];
    const rules = held.map((one) => ({ ...one, words: ruleWords(one.rule), last: lastOf(one, records) }));
    return { count: rules.length, rules };
  },
});

const HEADS = { configuration: "rule ", session: "allowed for this session: ", job: "grant " };

function lastOf(
  { from, rule, sessionKey: key }: { from: keyof typeof HEADS; rule: z.output<typeof ruleShape>; sessionKey?: string },
  records: AuditRecord[],
): z.output<typeof heldRule>["last"] {
  const words = ruleWords(rule);
  const found = records
    .filter(({ allowedBy = "", sessionKey: of }) => {
      const isOf = key === undefined || of === key;
      return (
        isOf && allowedBy.startsWith(HEADS[from]) && allowedBy.slice(HEADS[from].length).split("; ").includes(words)
      );
    })
    .toSorted((a, b) => b.seq - a.seq)[0];
  if (!found) return null;
  const { at, what, sessionKey: of } = found;
  return { at, what, ...defined({ sessionKey: of }) };
}

export const rulesRemove = defineRoute({
  name: "rules.remove",
  verb: "POST",
  scope: "admin",
  summary:
    "Takes a rule out of the user's openclaw.yml, or with `sessionKey` what was allowed for a session. 409 where another file has it; a job's grants are changed with the job.",
  input: z.strictObject({ rule: ruleShape, sessionKey: sessionKey.optional() }),
  output: z.strictObject({ removed: z.literal(true) }),
  async handle(core, { rule, sessionKey: key }, { isRepeat }) {
    await core.approvals.removeRule(rule, key).catch((error: unknown) => {
      const isHeld = (core.settings().rules ?? []).some((held) => isDeepStrictEqual(held, rule));
      // The first try, which was cut off, took the rule away.
      if (!isRepeat || isHeld || !isAppError(error) || error.code !== "conflict") throw error;
    });
    return { removed: true as const };
  },
});

export const rulesAdd = defineRoute({
  name: "rules.add",
  verb: "POST",
  scope: "admin",
  summary: "Writes a rule into the user's openclaw.yml.",
  input: z.strictObject({ rule: ruleSchema }),
  output: z.strictObject({ added: z.literal(true) }),
  async handle(core, { rule }) {
    await core.approvals.addRule(rule);
    return { added: true as const };
  },
});
