import * as z from "zod";

/** What a paired phone may do: look at sessions, answer approvals and stop runs, and write to sessions. */
export const phoneScopeShape = z
  .enum(["read", "approvals", "send"])
  .describe("read: look at sessions. approvals: answer what waits, once, and stop runs. send: write to sessions.");

export type PhoneScope = z.output<typeof phoneScopeShape>;

/** A phone that came in by a code. Its token is told nowhere but to itself. */
export const phoneShape = z.strictObject({
  id: z.string().describe("Of its name, with something that tells phones of one name apart."),
  name: z.string().describe("As it called itself."),
  scopes: z.array(phoneScopeShape),
  pairedAt: z.string(),
  by: z.string().describe("Whose code it came in by."),
  push: z.boolean().describe("Whether it is told of what waits while its page is not open."),
  pushFault: z
    .string()
    .optional()
    .describe("Why its browser's vendor did not take what it was to be told last; absent where it did."),
});

export type Phone = z.output<typeof phoneShape>;

/** A code that no phone has come in by yet. The code itself is told only to who asked for it. */
export const pendingPhoneShape = z.strictObject({
  id: z.string(),
  scopes: z.array(phoneScopeShape),
  expiresAt: z.string(),
  by: z.string(),
});
