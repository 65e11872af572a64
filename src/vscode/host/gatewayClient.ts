import type { Routes } from "../../gateway/routes/routeTable.ts";
import type { Client } from "../../protocol/client.ts";
import type { Session } from "../../protocol/session.ts";

export type GatewayClient = Client<Routes>;

/** What may be changed of a job. */
export type JobPatch = Routes["cron.update"]["input"]["patch"];

/** A session as lists and events tell it: what it does not have is null in the one and absent in the other. */
export type SessionEntry = Pick<Session, "key" | "kind" | "state" | "updatedAt"> & {
  title?: string | null;
  parentKey?: string | null;
  workspace?: string | null;
};
