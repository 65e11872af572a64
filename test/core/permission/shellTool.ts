import * as z from "zod";
import { defineTool } from "../../../src/core/ports/tool.ts";

/** A tool that says that it runs a line; one that names .env touches what is protected. */
export const shell = defineTool({
  name: "shell",
  description: "Runs a line.",
  input: z.object({ line: z.string() }),
  effect: "exec",
  approval: async ({ line }) => ({
    summary: `run ${line}`,
    subject: { type: "command", command: line, cwd: "/" },
    reason: "runs a command",
    safe: false,
    protected: line.includes(".env"),
    effects: [{ kind: "run", place: line }],
  }),
  run: async ({ line }) => ({ text: `ran ${line}` }),
});
