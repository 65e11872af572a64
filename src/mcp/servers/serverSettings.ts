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

/** For people: without what an address may hold in confidence, and what follows `--token` and its like. */
export function targetOf({ command, args, url }: ServerSettings): string {
  if (command === undefined) {
    const { origin, pathname, search } = new URL(url!);
    return `${origin}${pathname}${search === "" ? "" : "?…"}`;
  }
  const shown = args.map((arg, at) => {
    const [, name] = /^(--?[\w-]*(?:key|token|secret|passw)[\w-]*=)/i.exec(arg) ?? [];
    if (name !== undefined) return `${name}…`;
    return /^--?[\w-]*(?:key|token|secret|passw)[\w-]*$/i.test(args[at - 1] ?? "") ? "…" : arg;
  });
  return [command, ...shown].join(" ");
}
