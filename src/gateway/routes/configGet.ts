import * as z from "zod";
import { defineRoute } from "../route.ts";

export const configGet = defineRoute({
  name: "config.get",
  verb: "GET",
  scope: "read",
  summary: "The configuration in force, with every default filled in and every secret removed.",
  input: z.strictObject({}),
  output: z.strictObject({ config: z.record(z.string(), z.unknown()) }),
  handle: async (core) => ({ config: core.configuration() }),
});
