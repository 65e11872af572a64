import * as z from "zod";
import { defineRoute } from "../calls/route.ts";
import { AppError } from "../../base/appError.ts";
import { onAbort } from "../../base/wait.ts";

export const workspacesList = defineRoute({
  name: "workspaces.list",
  verb: "GET",
  scope: "read",
  summary: "The folders that sessions may work in: those of every open window. The first is the default.",
  input: z.strictObject({}),
  output: z.strictObject({
    folders: z.array(z.string()),
    offered: z.array(z.string()).describe("Of those: the folders of windows beside what leads."),
  }),
  handle: async (core) => ({ folders: core.workspaces.list(), offered: core.workspaces.offered() }),
});

// A root, a drive or a share of Windows: what a client of another system calls absolute.
const ABSOLUTE = /^(?:\/|[A-Za-z]:[\\/]|\\\\)/;

export const workspacesOffer = defineRoute({
  name: "workspaces.offer",
  verb: "POST",
  http: "none",
  // Where the agent may read and write, so it takes more than sending messages does.
  scope: "admin",
  summary: "Lets sessions work in the folders of a window that its user trusts, until the wire closes.",
  input: z.strictObject({
    folders: z.array(z.string().regex(ABSOLUTE, "Expected an absolute path").max(4096)).max(100),
  }),
  output: z.strictObject({ folders: z.array(z.string()).describe("All that sessions may work in now.") }),
  async handle(core, { folders }, { signal, subscriptions }) {
    if (!subscriptions)
      throw new AppError("bad_request", "Only a wire can offer folders: they are gone when it closes");
    const offer = core.workspaces.offer(folders);
    onAbort(signal, () => offer.dispose());
    return { folders: core.workspaces.list() };
  },
});
