import type { Log } from "../../base/log.ts";
import type { RouteClient } from "../../client/routeClient.ts";
import type { ContextFound } from "../../protocol/panel/contextRef.ts";
import type { Rule } from "../../protocol/rule.ts";

/** A file or folder of the workspace. */
export interface FoundPath {
  /** Absolute. */
  path: string;
  /** From its workspace folder, with "/"; in a window with several, with that folder's name before it. */
  shown: string;
  isFolder: boolean;
}

/** Where what a message can carry is looked for. */
export interface ContextSources {
  files: {
    find(query: string, most: number): Promise<FoundPath[]>;
    /** The files of a folder of the workspace, from its workspace folder and with "/". */
    within(folder: string): Promise<string[]>;
  };
  terminal: { find(query: string): ContextFound[]; read(): string };
  /** Undefined while no gateway runs. */
  client(): RouteClient | undefined;
  /** What is in force in this window's folders. */
  rules(): Promise<Rule[]>;
  log: Log;
}
