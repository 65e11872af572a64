import type { Edge } from "./window.ts";

/** What a command does. Arguments come from menus, links and other extensions: nothing says that they are what they should be. */
export type Command = (edge: Edge, ...args: unknown[]) => Promise<void>;
