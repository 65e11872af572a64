import * as z from "zod";
import { defineTool } from "../../../src/core/ports/tool.ts";
import { lineAsk } from "./lineAsk.ts";

/** A tool that says that it runs a line; one that names .env touches what is protected. */
export const shell = defineTool({
  name: "shell",
  description: "Runs a line.",
  input: z.object({ line: z.string() }),
  effect: "exec",
  approval: async ({ line }) => ({ ...lineAsk(line), protected: line.includes(".env") }),
  run: async ({ line }) => ({ text: `ran ${line}` }),
});
