import { concealAddress, concealArguments } from "./serverSecrets.ts";
import type { OAuthSettings } from "../auth/authProvider.ts";

/** One server as it is set up. */
export interface ServerSettings {
  /** Of one that is started here. */
  command?: string | undefined;
  args: string[];
  env: Record<string, string>;
  cwd?: string | undefined;
  /** Of one that is reached by HTTP. */
  url?: string | undefined;
  headers: Record<string, string>;
  oauth?: OAuthSettings | undefined;
  tools: { allow?: string[] | undefined; deny: string[] };
  timeoutSeconds: number;
  enabled: boolean;
}

/** What a server is, whatever it is told: its command line, or its address. */
export function originOf({ command, args, cwd, url }: ServerSettings): string {
  return command === undefined ? url! : JSON.stringify([command, args, cwd ?? null]);
}

/** For people: without what its address or arguments hold in confidence. */
export function targetOf({ command, args, url }: ServerSettings): string {
  if (command === undefined) return concealAddress(url!).shown;
  return [command, ...concealArguments(args).shown].join(" ");
}
