import type { Window } from "./window.ts";

/** What a command does. Arguments come from menus, links and other extensions: nothing says that they are what they should be. */
export type Command = (window: Window, ...args: unknown[]) => Promise<void>;
