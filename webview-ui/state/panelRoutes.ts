import type { Client } from "../../src/protocol/client.ts";
import type { EditorMethods } from "../../src/protocol/panel/editor.ts";
import type { Routes } from "../../src/gateway/routes/routeTable.ts";

/** What the panel calls: the gateway's routes, and the methods of the editor around it. */
export type PanelRoutes = Routes & EditorMethods;

export type Gateway = Client<PanelRoutes>;

type Output<Name extends keyof PanelRoutes> = PanelRoutes[Name]["output"];

/** A run as the list tells it. */
export type RunEntry = Output<"runs.list">["runs"][number];

/** A message as the history tells it. */
export type MessageEntry = Output<"sessions.history">["messages"][number];

/** A prompt that is typed by its name. */
export type PromptEntry = Output<"prompts.list">["prompts"][number];

/** What the footer shows of a session. */
export type SessionFigures = Pick<
  Output<"session.status">,
  "model" | "usage" | "context" | "workspace" | "instructions" | "mode" | "skills" | "plan" | "config"
>;
