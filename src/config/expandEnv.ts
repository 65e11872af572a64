export type Env = Record<string, string | undefined>;

export interface Expansion {
  /** Undefined when a variable is missing or a reference is malformed. */
  text?: string;
  /** Names that are not set. */
  missing: string[];
  /** References that are not `${NAME}`, as written. */
  malformed: string[];
  /** Names that were read. */
  names: string[];
  /** Whether anything was read from the environment. */
  used: boolean;
}

/** A text as it stands in an openclaw.yml that is to say exactly this. */
export function literally(text: string): string {
  return text.replaceAll("${", () => "$${");
}

/** Puts the environment's values in place of `${NAME}`. `$${` stands for a literal `${`. */
export function expandEnv(text: string, env: Env): Expansion {
  const missing: string[] = [];
  const malformed: string[] = [];
  const names: string[] = [];
  const expanded = text.replace(/\$\$\{|\$\{([^}]*)(\}?)/g, (whole, name: string | undefined, end: string) => {
    if (name === undefined) return "${";
    if (end === "" || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      malformed.push(whole);
      return whole;
    }
    names.push(name);
    const found: unknown = env[name];
    // The environment of Node.js has what every object has, too: `constructor`.
    const value = typeof found === "string" ? found : undefined;
    // An empty variable is what a shell leaves behind for one that was never set.
    if (value === undefined || value === "") missing.push(name);
    return value ?? "";
  });
  const failed = missing.length + malformed.length > 0;
  return { ...(failed ? {} : { text: expanded }), missing, malformed, names, used: names.length > 0 };
}
