import * as z from "zod";
import { defineRoute } from "../route.ts";

export const workspacesList = defineRoute({
  name: "workspaces.list",
  verb: "GET",
  scope: "read",
  summary: "The folders that sessions may work in: those of every open window. The first is the default.",
  input: z.strictObject({}),
  output: z.strictObject({ folders: z.array(z.string()) }),
  handle: async (core) => ({ folders: core.workspaces.list() }),
});
